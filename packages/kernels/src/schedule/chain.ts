import type { MapProgram } from "../scalar/programs/map-program";
import { newTier } from "../scalar/programs/tier";

/** Sources from this number on are outputs of earlier stages. */
const firstOutput = 32;

/** One of the maps that a kernel computes for each element, in order. */
export interface Stage {
  readonly program: MapProgram;
  /** Source of each input: an input of the kernel, or an output as earlier stages left it. */
  readonly sources: readonly number[];
  /** The kernel's output for each output of the map. Later stages overwrite those of earlier ones. */
  readonly targets: readonly number[];
}

/** The source that an output of the stages before is. */
export function sourceOfOutput(output: number): number {
  return firstOutput + output;
}

/** The kernel's output that a source refers to; negative if the source is an input. */
export function outputOf(source: number): number {
  return source - firstOutput;
}

const tier = /* @__PURE__ */ newTier();

/** Maps that go one after another, as one kernel. There is one object for each such chain. */
export class Chain {
  readonly name: string;
  readonly stages: readonly Stage[];
  /** Variants of its kernel, filled by the backends; the first index is the number a tier drew with `newTier`. */
  readonly compiled: unknown[][] = [];
  private readonly longer = new WeakMap<MapProgram, Map<number, Chain>>();

  private constructor(stages: readonly Stage[]) {
    this.name = stages.map(({ program }) => program.name).join(", ");
    this.stages = stages;
  }

  /** The chain of one map. */
  static of(program: MapProgram): Chain {
    const known = (program.compiled[tier] ??= []) as Chain[];
    if (known[0] === undefined) {
      const sources = Array.from({ length: program.inputs }, (_, k) => k);
      known[0] = new Chain([{ program, sources, targets: program.outputs.map((_, k) => k) }]);
    }
    return known[0];
  }

  /** This chain with one more map at its end. */
  followedBy(program: MapProgram, sources: readonly number[], targets: readonly number[]): Chain {
    let known = this.longer.get(program);
    if (known === undefined) this.longer.set(program, (known = new Map()));
    let key = 0;
    for (let k = 0; k < sources.length; k++) key = 64 * key + sources[k]!;
    for (let k = 0; k < targets.length; k++) key = 64 * key + targets[k]!;
    let chain = known.get(key);
    if (chain === undefined)
      known.set(key, (chain = new Chain([...this.stages, { program, sources, targets }])));
    return chain;
  }
}
