import {
  type Generator,
  type GeneratorState,
  GradientError,
  type Input,
  type Op,
  Tensor,
} from "@thalweg/tensor";
import { apply, callback, checkArguments, replay, tensorsKind } from "@thalweg/tensor/internal";
import { joined } from "./joined";
import { enableGrad, mode, noGrad } from "./mode";
import { allBits } from "./node";
import { spy } from "./tape";
import { walk } from "./walk";

/** A function's return value: a tensor, or arrays of tensors nested to any depth. */
export type TensorTree = Tensor | readonly TensorTree[];

/**
 * Runs `body` without keeping what its gradient needs, and runs it again during `backward`: this trades time for
 * memory. The body returns a tensor or arrays of tensors, as recurrent layers do. Tensors that it reads besides its
 * inputs (parameters) get their gradients as well. All generators draw the same random numbers both times, and batch
 * normalisation updates its running statistics the first time only.
 *
 * @example
 * const w = tensor([2], { requiresGrad: true });
 * checkpoint((x: Tensor) => x.mul(w).exp(), tensor([0.5])).sum().backward();
 * w.grad!.item().toFixed(4); // → "1.3591"
 */
export function checkpoint<Inputs extends Tensor[], Output extends TensorTree>(
  body: (...inputs: Inputs) => Output,
  ...inputs: Inputs
): Output {
  checkArguments("checkpoint", { body: callback, inputs: tensorsKind }, [body, inputs]);
  const before = new Map<Generator, GeneratorState>();
  const seen = new Set<Tensor>();
  const output = watched(seen, before, () => noGrad(() => body(...inputs)));
  // Recording a result that is an input would overwrite that input's history.
  const results = flat(output).map((x) => {
    // A result that the body read from outside is an input, too, and so keeps its place in the graph.
    if (x.requiresGrad) seen.add(x);
    return x.requiresGrad || inputs.includes(x) ? x.detach() : x;
  });
  const all = [...inputs, ...[...seen].filter((x) => !inputs.includes(x))];
  const again = (given: Inputs) => flat(repeated(before, () => body(...given)));
  return rebuilt(output, recorded(results, all, inputs.length, again as (given: Tensor[]) => Tensor[]));
}

/** Records the results as one operation, whose gradient runs the body `again`. */
function recorded(
  results: readonly Tensor[],
  all: readonly Tensor[],
  count: number,
  again: (inputs: Tensor[]) => readonly Tensor[],
): readonly Tensor[] {
  if (results.length === 0 || !mode.recording || !all.some((x) => x.requiresGrad)) return results;
  const { whole, parts } = joined(results);
  const op: Op<void> = {
    name: "checkpoint",
    kind: "opaque",
    differentiable: true,
    shape: () => whole.shape,
    forward: () => whole,
    saves: (_, inputs) => allBits(inputs),
    gradient({ grad, inputs, needs }) {
      const saved = inputs as Tensor[];
      const seeds = parts(grad);
      const roots = again(saved.slice(0, count));
      const targets = [...new Set(saved.filter((_, i) => needs(i)))];
      const options = { createGraph: mode.recording, retainGraph: false, targets, stopAtTargets: true };
      const reached = (_: Tensor, k: number) => roots[k]!.requiresGrad;
      const found = walk(roots.filter(reached), seeds.filter(reached), options);
      // A tensor that was given twice gets its whole gradient once.
      return saved.map((x, i) => (saved.indexOf(x) === i ? (found[targets.indexOf(x)] ?? null) : null));
    },
  };
  return parts(apply(op, all as Input[], undefined));
}

function flat(output: TensorTree): Tensor[] {
  if (output instanceof Tensor) return [output];
  if (Array.isArray(output)) return output.flatMap(flat);
  const got = output === null ? "null" : `a value of type ${typeof output}`;
  throw new GradientError("checkpoint", `the body returned ${got}`, "return a tensor, or arrays of tensors");
}

/** The arrays of the output, filled with `tensors`. */
function rebuilt<Output extends TensorTree>(output: Output, tensors: readonly Tensor[]): Output {
  let next = 0;
  const build = (part: TensorTree): TensorTree =>
    part instanceof Tensor ? tensors[next++]! : part.map(build);
  return build(output) as Output;
}

/** Runs `body` and notes the tensors that need grad it reads, and the states of generators before it uses them. */
function watched<T>(seen: Set<Tensor>, before: Map<Generator, GeneratorState>, body: () => T): T {
  const outer = { seen: spy.seen, generators: replay.generators };
  spy.seen = seen;
  replay.generators = before;
  try {
    return body();
  } finally {
    spy.seen = outer.seen;
    replay.generators = outer.generators;
    for (const [generator, state] of before) {
      if (outer.generators?.has(generator) === false) outer.generators.set(generator, state);
    }
  }
}

/** Runs `body` with recording on and the random numbers that it had before, then restores all generators. */
function repeated<T>(before: ReadonlyMap<Generator, GeneratorState>, body: () => T): T {
  const { running, generators } = replay;
  const now = new Map<Generator, GeneratorState>();
  Object.assign(replay, { running: true, generators: now });
  try {
    for (const [generator, state] of before) generator.setState(state);
    return enableGrad(body);
  } finally {
    replay.generators = null;
    for (const [generator, state] of now) generator.setState(state);
    Object.assign(replay, { running, generators });
  }
}
