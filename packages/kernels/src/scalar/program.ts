import { derive, reachable, substitute } from "./derive";
import { type Expr, ExprPool } from "./expr";
import { lower } from "./lower";

/**
 * What one map kernel computes: each output, one element at a time, from the inputs at the same place.
 * Backends keep the kernels they render from it in `compiled`, so that a lookup is an array access.
 */
export class MapProgram {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: readonly Expr[];
  /** Rendered variants, filled by the backends; the first index is the number a tier drew with {@link newTier}. */
  readonly compiled: unknown[][] = [];
  private steps: number | undefined;

  constructor(name: string, inputs: number, outputs: readonly Expr[]) {
    this.name = name;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /** Steps of one element, about. */
  get weight(): number {
    this.steps ??= new Set(lower(this.outputs).flatMap(reachable)).size;
    return this.steps;
  }

  /** Whether it only moves elements. */
  get copies(): boolean {
    return this.outputs.length === 1 && this.outputs[0]!.input === 0;
  }
}

/**
 * How a reduction combines two values; the empty reduction gives the neutral element. NaN wins in a maximum and
 * a minimum, and 0 is larger than -0. A `peak` is the maximum of those who do not care, which costs a fraction:
 * it takes no notice of NaN.
 */
export type Combine = "sum" | "prod" | "max" | "min" | "peak";

/** What a combination begins with: it changes nothing that it is combined with. */
export const neutral: Record<Combine, number> = {
  sum: 0,
  prod: 1,
  max: Number.NEGATIVE_INFINITY,
  min: Number.POSITIVE_INFINITY,
  peak: Number.NEGATIVE_INFINITY,
};

/** As {@link neutral}, of ints. */
export const intNeutral: Record<Combine, number> = {
  ...neutral,
  max: -(2 ** 31),
  min: 2 ** 31 - 1,
  peak: -(2 ** 31),
};

/** A map whose results are combined over some dimensions, then finished: `finish(combine(map(x)), count)`. */
export class ReduceProgram {
  readonly name: string;
  readonly inputs: number;
  readonly map: Expr;
  readonly combine: Combine;
  /** Of input 0, the combined value, and input 1, the number of elements that were combined. */
  readonly finish: Expr;
  readonly compiled: unknown[][] = [];

  constructor(name: string, combine: Combine, inputs: number, map: Expr, finish: Expr) {
    this.name = name;
    this.combine = combine;
    this.inputs = inputs;
    this.map = map;
    this.finish = finish;
  }
}

/** One pass along a line: a value for each element, combined, then finished. */
export interface LineStage {
  readonly combine: Combine;
  /** Of the inputs, then the results of the stages before. */
  readonly map: Expr;
  /** Of the combined value and the number of elements. */
  readonly finish: Expr;
  /** Whether the values are kept, so that the outputs can read them: one stage at most may. */
  readonly keep?: boolean;
}

/**
 * What is computed line by line along one dimension: stage after stage, then each output, of the inputs,
 * the results of all stages, and the kept values, in this order. Softmax and normalisations are such.
 */
export class LineProgram {
  readonly name: string;
  readonly inputs: number;
  readonly stages: readonly LineStage[];
  readonly outputs: readonly Expr[];
  readonly compiled: unknown[][] = [];

  constructor(name: string, inputs: number, stages: readonly LineStage[], outputs: readonly Expr[]) {
    this.name = name;
    this.inputs = inputs;
    this.stages = stages;
    this.outputs = outputs;
  }
}

let tiers = 0;

/** A place in the `compiled` table of every program. */
export function newTier(): number {
  return tiers++;
}

/** Records what `body` does to scalar expressions. */
export function trace(inputs: number, body: (...args: Expr[]) => Expr): Expr {
  const pool = new ExprPool();
  const args = Array.from({ length: inputs }, (_, i) => pool.input(i));
  return pool.expr(body(...args));
}

/** A program of the inputs that are really read. */
export interface CompactProgram {
  readonly program: MapProgram;
  /** Where its inputs come from, by the numbers they had. */
  readonly slots: readonly number[];
}

/**
 * The gradient of one input of an expression: its inputs come from those of the expression, then its result,
 * then the gradient of that. `"zero"`: no path; `"pass"`: the incoming gradient itself.
 */
export type MapGradient = CompactProgram | "zero" | "pass";

/** A gradient rule that is given rather than derived. */
export type GradientRule = (g: Expr, y: Expr, ...args: Expr[]) => readonly (Expr | null)[];

/** Gradients of `root` with respect to each of its inputs. */
export function gradientPrograms(
  name: string,
  root: Expr,
  inputs: number,
  rule?: GradientRule,
): MapGradient[] {
  const { pool } = root;
  const g = pool.input(inputs + 1);
  const args = Array.from({ length: inputs }, (_, i) => pool.input(i));
  const gradients = rule === undefined ? derive(root, inputs, g) : rule(g, root, ...args);
  return gradients.map((gradient) => {
    if (gradient === null) return "zero";
    if (gradient === g) return "pass";
    // A result that shows up in its own derivative (exp, tanh, sqrt, division) is taken as it was computed.
    const y = pool.input(inputs);
    const reused =
      root.primitive === null ? gradient : substitute(gradient, (node) => (node === root ? y : null));
    return compact(`${name}'`, [reused]);
  });
}

/** An expression in another pool, where `leaf` says what its inputs are. */
function transplant(root: Expr, pool: ExprPool, leaf: (input: number) => Expr): Expr {
  const moved = new Map<Expr, Expr>();
  for (const node of reachable(root).sort((a, b) => a.id - b.id)) {
    const args = node.args.map((arg) => moved.get(arg)!);
    moved.set(
      node,
      node.primitive !== null
        ? pool.node(node.primitive, args)
        : node.input >= 0
          ? leaf(node.input)
          : pool.constant(node.value),
    );
  }
  return moved.get(root)!;
}

/** The program of one input `outer`, of what `inner` computes. */
export function chained(outer: MapProgram, inner: MapProgram): MapProgram {
  const [result] = inner.outputs as [Expr];
  const outputs = outer.outputs.map((output) => transplant(output, result.pool, () => result));
  return new MapProgram(outer.name, inner.inputs, outputs);
}

/** Renumbers the inputs that expressions really read, in a pool of their own. */
export function compact(name: string, outputs: readonly Expr[]): CompactProgram {
  const nodes = [...new Set(outputs.flatMap(reachable))];
  const slots = nodes.flatMap((node) => (node.input >= 0 ? [node.input] : [])).sort((a, b) => a - b);
  const pool = new ExprPool();
  const leaf = (input: number) => pool.input(slots.indexOf(input));
  const moved = outputs.map((output) => transplant(output, pool, leaf));
  return { program: new MapProgram(name, slots.length, moved), slots };
}
