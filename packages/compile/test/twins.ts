import { createHash } from "node:crypto";
import { Module } from "@thalweg/nn";
import { Optimizer } from "@thalweg/optim";
import { defaultGenerator, Generator, type GeneratorState, manualSeed, Tensor } from "@thalweg/tensor";
import { expect } from "vitest";
import { compile, type Value } from "../src/index";

/** Either `compile` or what leaves a function as it is. */
export type Through = <const F extends (...args: never[]) => Value>(f: F) => F;

/** A computation of several calls, with everything that they can change. */
export interface Scene {
  /** The call of a number, and its result. */
  readonly call: (i: number) => unknown;
  /** Tensors, modules, optimizers and generators that a call can change. */
  readonly seen?: readonly unknown[];
}

/** How {@link expectSame} runs a scene. */
export interface Runs {
  /** Number of calls; 8 unless given. */
  readonly calls?: number;
  /** How often a function may be recorded, all functions of the scene together; 3 unless given. */
  readonly recordings?: number;
}

/** The most elements that are shown as numbers. */
const most = 1000;

/** The elements as text, from which every bit can be told but those of a NaN. */
function elementsOf(x: Tensor): string {
  const data = x.dataSync();
  if (data.length <= most)
    return Array.from(data, (value) => (Object.is(value, -0) ? "-0" : String(value))).join(" ");
  const bits = Float64Array.from(data, (value) => (Number.isNaN(value) ? Number.NaN : value));
  return createHash("sha256").update(bits).digest("hex");
}

/** Everything that a user can see of a value, as text: elements exactly, gradients included. */
export function shown(value: unknown): unknown {
  if (value instanceof Tensor) {
    const { dtype, shape, requiresGrad, isLeaf } = value;
    const elements = elementsOf(value);
    const grad: unknown = isLeaf && value.grad !== null ? shown(value.grad) : null;
    return { type: `${dtype} [${shape.join(", ")}]`, elements, requiresGrad, grad };
  }
  if (value instanceof Module) return [shown(value.stateDict()), shown(value.parameters())];
  if (value instanceof Optimizer) {
    const groups: unknown[] = value.paramGroups.map((group) => ({ ...group, params: shown(group.params) }));
    return { groups, state: shown([...value.state.values()]) };
  }
  if (value instanceof Generator) return value.getState();
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(shown);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shown(item)]));
}

/** What a call throws, as a result: its message. */
export function thrownBy(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it throws nothing");
}

/** A scene with its place in the stream of random numbers, which its twin has as well. */
class Twin {
  readonly results: unknown[] = [];
  recordings = 0;
  private readonly scene: Scene;
  private state: GeneratorState = { seed: 7, position: 0 };

  constructor(make: (through: Through) => Scene, through: Through) {
    const counted: Through = (f) =>
      through(((...args: never[]) => {
        this.recordings++;
        return f(...args);
      }) as typeof f);
    this.scene = this.inTurn(() => make(counted));
  }

  /** What can be seen after a call: its result, all that it may have changed, and random numbers. */
  call(i: number): unknown {
    return this.inTurn(() => {
      const result = this.scene.call(i);
      this.results.push(result);
      return {
        result: shown(result),
        seen: shown(this.scene.seen ?? []),
        random: defaultGenerator.getState(),
      };
    });
  }

  private inTurn<T>(body: () => T): T {
    const outer = defaultGenerator.getState();
    defaultGenerator.setState(this.state);
    try {
      return body();
    } finally {
      this.state = defaultGenerator.getState();
      defaultGenerator.setState(outer);
    }
  }
}

/**
 * Runs a scene eagerly and compiled, and expects the same after every call, and of all results in the end. Returns how often
 * its functions were recorded, or ran eagerly.
 */
export function expectSame(
  make: (through: Through) => Scene,
  { calls = 8, recordings = 3 }: Runs = {},
): number {
  manualSeed(0);
  const eager = new Twin(make, (f) => f);
  const compiled = new Twin(make, (f) => compile(f) as unknown as typeof f);
  for (let i = 0; i < calls; i++) {
    const expected = eager.call(i);
    expect(compiled.call(i), `call ${i}`).toEqual(expected);
  }
  expect(shown(compiled.results), "results that were kept").toEqual(shown(eager.results));
  expect(compiled.recordings, "recordings").toBeLessThanOrEqual(recordings);
  return compiled.recordings;
}
