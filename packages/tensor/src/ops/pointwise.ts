import type { Expr, View } from "@thalweg/kernels";
import {
  broadcastShapes,
  expandsTo,
  gradientPrograms,
  internal,
  Layout,
  type MapGradient,
  MapProgram,
  runMap,
  type Shape,
  sameShape,
  trace,
} from "@thalweg/kernels";
import {
  callback,
  checkArguments,
  isSurplus,
  kind,
  list,
  options as optionsOf,
  type Signature,
  string,
  surplus,
} from "../signature";
import { Tensor } from "../tensor";
import { apply } from "./apply";
import type { GradientCall, Input, Op } from "./op";
import { allocateZeros, commonBackend } from "./operands";
import { register } from "./registry";
import type { Domain, ErrorSample } from "./sample";
import { plainBackend, resolve } from "./types";

/** An operand of an element-wise operation: a tensor, which broadcasts, or a number. */
export type Operand = Tensor | number;

/** Options of {@link pointwise}. */
export interface PointwiseOptions {
  /** Where the operation is defined and smooth, for all inputs or for each; from -2 to 2 unless given. */
  readonly domain?: Domain | readonly Domain[];
  /** Calls that must be refused; none unless given. */
  readonly errors?: readonly ErrorSample[];
  /**
   * Gradient rule in place of the derivative: the gradient of each argument, or null, from `g`, the gradient of the result
   * `y`. The derivative unless given.
   */
  readonly gradient?: (g: Expr, y: Expr, ...args: Expr[]) => readonly (Expr | null)[];
}

/** The record of an element-wise operation. */
export interface MapOp extends Op<void> {
  readonly kind: "map";
  readonly program: MapProgram;
  /** Number of inputs. */
  readonly arity: number;
  /** Where it is defined and smooth, for all inputs or for each; from -2 to 2 unless given. */
  readonly domain?: PointwiseOptions["domain"] | undefined;
}

/** The function of an element-wise operation. It takes one tensor, or several operands, some of which may be numbers. */
export type PointwiseFunction<Arguments extends readonly Expr[]> = Arguments extends readonly [Expr]
  ? (x: Tensor) => Tensor
  : (...operands: { [K in keyof Arguments]: Operand }) => Tensor;

/** An element-wise operation: a function with one operand for each argument of its expression. */
export type Pointwise<Arguments extends readonly Expr[]> = PointwiseFunction<Arguments> & {
  readonly op: MapOp;
};

/** An element-wise operation of one tensor. */
export type Unary = Pointwise<[x: Expr]>;

/** An element-wise operation of two tensors, either of which may be a number. */
export type Binary = Pointwise<[a: Expr, b: Expr]>;

/** An element-wise operation of three operands. */
export type Ternary = Pointwise<[a: Expr, b: Expr, c: Expr]>;

const isObject = (value: unknown) => typeof value === "object" && value !== null;
const pointwiseArguments: Signature = {
  name: string,
  body: callback,
  options: optionsOf<PointwiseOptions>({
    domain: kind("a domain", isObject),
    errors: list(kind("a sample", isObject)),
    gradient: callback,
  }),
};

/**
 * Makes an element-wise operation from a scalar expression. The expression is data: the kernels of every backend are
 * emitted from it, and so are its derivatives of every order.
 *
 * Operands broadcast, and the result is a new tensor. Its type follows from the expression, as in PyTorch: comparisons
 * give bool, and whole constants alone, as in `x.gt(0).choose(1, 0)`, int32, which `.to("float32")` converts. Branches that
 * `choose` does not take contribute nothing to the gradient, not even NaN.
 *
 * @param name for error messages, profiles and graph drawings
 * @param body the function of one element; called once, with expressions
 * @example
 * const swish = pointwise("swish", (x) => x.mul(x.sigmoid()));
 * const x = tensor([0, 1], { requiresGrad: true });
 * swish(x).sum().backward();
 * x.grad!.select(0, 0).item(); // → 0.5
 */
export function pointwise<Arguments extends Expr[]>(
  name: string,
  body: (...args: Arguments) => Expr,
  options: PointwiseOptions = {},
): Pointwise<Arguments> {
  checkArguments("pointwise", pointwiseArguments, [name, body, options]);
  const arity = body.length;
  const program = new MapProgram(name, arity, [trace(arity, body as (...args: Expr[]) => Expr)]);
  const op = register(mapOp(name, program, options));
  const call = Object.defineProperties(caller(op), { name: { value: name }, length: { value: arity } });
  return Object.assign(call, { op }) as Pointwise<Arguments>;
}

function caller(op: MapOp): (...operands: Operand[]) => Tensor {
  const none = undefined as void;
  switch (op.arity) {
    case 1:
      return (x: Operand, more?: unknown) => {
        if (more !== undefined && isSurplus(more)) throw surplus(op.name, 1, more);
        return apply(op, [x], none);
      };
    case 2:
      return (a: Operand, b: Operand, more?: unknown) => {
        if (more !== undefined && isSurplus(more)) throw surplus(op.name, 2, more);
        return apply(op, [a, b], none);
      };
    case 3:
      return (a: Operand, b: Operand, c: Operand) => apply(op, [a, b, c], none);
    default:
      return (...operands) => apply(op, operands, none);
  }
}

/** The record of a program with one output. */
function mapOp(name: string, program: MapProgram, options: PointwiseOptions = {}): MapOp {
  const arity = program.inputs;
  const root = program.outputs[0]!;
  let gradients: readonly (MapOp | "zero" | "pass")[] | undefined;
  let slots: readonly (readonly number[])[] = [];
  const derived = () => {
    if (gradients === undefined) {
      const all: MapGradient[] = gradientPrograms(name, root, arity, options.gradient);
      slots = all.map((gradient) => (typeof gradient === "string" ? [] : gradient.slots));
      gradients = all.map((gradient) =>
        typeof gradient === "string" ? gradient : mapOp(gradient.program.name, gradient.program),
      );
    }
    return gradients;
  };
  const savedFor: number[] = [];
  return {
    name,
    kind: "map",
    arity,
    program,
    differentiable: root.primitive?.predicate !== true,
    shape: (shapes) => broadcastShapes(name, shapes),
    forward: (inputs) => forwardMap(name, program, inputs),
    saves(needs) {
      let bits = savedFor[needs];
      if (bits === undefined) {
        derived();
        bits = 0;
        for (let i = 0; i < arity; i++) {
          if (needs & (1 << i)) for (const slot of slots[i]!) if (slot <= arity) bits |= 1 << slot;
        }
        savedFor[needs] = bits;
      }
      return bits;
    },
    gradient(call) {
      const rules = derived();
      const result: (Tensor | null)[] = [];
      for (let i = 0; i < arity; i++) {
        const rule = rules[i]!;
        if (!call.needs(i)) result.push(null);
        else if (rule === "pass") result.push(call.grad);
        else if (rule === "zero") result.push(allocateZeros(call.grad, call.shapes[i]!));
        else result.push(applyGradient(rule, slots[i]!, arity, call));
      }
      return result;
    },
    domain: options.domain,
    errors: options.errors,
  };
}

function applyGradient(
  rule: MapOp,
  slots: readonly number[],
  arity: number,
  call: GradientCall<void>,
): Tensor {
  const inputs: Input[] = [];
  for (const slot of slots) {
    const input = slot < arity ? call.inputs[slot] : slot === arity ? call.output : call.grad;
    if (input === null || input === undefined) throw internal(`${rule.name} needs an unsaved tensor`);
    inputs.push(input);
  }
  return apply(rule, inputs, undefined);
}

/** Broadcasts an operand to the shape of the result. */
export function broadcastTo<I extends Input>(op: string, input: I, layout: Layout): I | View {
  if (typeof input === "number" || sameShape(input.layout.shape, layout.shape)) return input;
  return { storage: input.storage, layout: input.layout.expand(layout.shape, op) };
}

const noDims: Shape = [];

function shapeOf(input: Input): Shape {
  return typeof input === "number" ? noDims : input.layout.shape;
}

/** The row-major layout to which all operands broadcast. Usually one of them has it. */
export function commonLayout(name: string, inputs: readonly Input[]): Layout {
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i]!;
    if (typeof input === "number") continue;
    const { layout } = input;
    let k = 0;
    while (k < inputs.length && expandsTo(shapeOf(inputs[k]!), layout.shape)) k++;
    if (k < inputs.length) continue;
    return layout.isContiguous && layout.offset === 0 ? layout : Layout.contiguous(layout.shape, name);
  }
  const tensors = inputs.filter((input) => typeof input !== "number");
  return Layout.contiguous(broadcastShapes(name, tensors.map(shapeOf)), name);
}

/** The row-major layout of the result in the usual case, where only numbers broadcast; null in other cases. */
function sameLayout(inputs: readonly Input[]): Layout | null {
  let first: Layout | null = null;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i]!;
    if (typeof input === "number") continue;
    const { layout } = input;
    if (first === null) first = layout;
    else if (!sameShape(layout.shape, first.shape)) return null;
  }
  return first?.isContiguous && first.offset === 0 ? first : null;
}

/** Broadcasts all operands to the shape of the result. */
export function broadcastAll<I extends Input>(
  name: string,
  inputs: readonly I[],
  layout: Layout,
): readonly (I | View)[] {
  let wide: (I | View)[] | null = null;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i]!;
    if (typeof input === "number" || sameShape(input.layout.shape, layout.shape)) continue;
    wide ??= [...inputs];
    wide[i] = broadcastTo(name, input, layout);
  }
  return wide ?? inputs;
}

function forwardMap(name: string, program: MapProgram, inputs: readonly Input[]): Tensor {
  const plain = plainBackend(inputs);
  const backend = plain ?? commonBackend(name, inputs);
  const same = sameLayout(inputs);
  const layout = same ?? commonLayout(name, inputs);
  const resolved = resolve(program, inputs, plain !== null);
  const out = new Tensor(backend.allocate(resolved.dtype, layout.size, layout.shape), layout);
  runMap(backend, resolved.program, [out], same === null ? broadcastAll(name, inputs, layout) : inputs);
  return out;
}
