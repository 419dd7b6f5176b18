import { DTypeError } from "../errors";
import { isInt32, promoteKinds, type ScalarKind } from "./dtype";
import { type Expr, ExprPool } from "./expr";
import { topological } from "./graph";
import { machine } from "./machine";
import type { Primitive } from "./primitive";
import { MapProgram } from "./programs/map-program";
import { ReduceProgram } from "./programs/reduce-program";
import { newTier } from "./programs/tier";

/** An expression with the kind of its value. A condition may be a float, the result of a comparison of floats. */
interface Typed {
  readonly expr: Expr;
  readonly kind: ScalarKind;
}

/** Expressions over inputs of given kinds, and the kinds of their values. */
export interface TypedExpressions {
  readonly outputs: readonly Expr[];
  readonly kinds: readonly ScalarKind[];
}

/** The definition of a function for ints; `kind` is "bool" where all arguments are conditions. */
type IntRule = (op: string, args: readonly [Expr, Expr, Expr], kind: ScalarKind) => Typed;

const { intAdd, intSub, intMul, intRemainder, intPow, intEq, intLt, intWhere } = machine;
const { toFloat, toInt, conditionToInt } = machine;

function make(primitive: Primitive, ...args: (Expr | number)[]): Expr {
  const { pool } = args.find((arg) => typeof arg !== "number") as Expr;
  return pool.node(
    primitive,
    args.map((arg) => (typeof arg === "number" ? pool.constant(arg, true) : arg)),
  );
}

const not = (condition: Expr) => make(intEq, condition, 0);

const asKind =
  (compute: (a: Expr, b: Expr) => Expr): IntRule =>
  (_, [a, b], kind) => ({ expr: compute(a, b), kind });

function notOfBool(op: string, name: string): DTypeError {
  return new DTypeError(op, `bool has no ${name}`, 'use ne or logicalNot, or convert with .to("int32")');
}

/** Of conditions, too, which may give -1: an int. */
const counting =
  (compute: (a: Expr, b: Expr) => Expr): IntRule =>
  (_, [a, b]) => ({ expr: compute(a, b), kind: "int" });

/** What a tensor of conditions is no operand of, as in PyTorch, whatever the other one is. */
const notOfConditions: Readonly<Record<string, string>> = {
  sub: "subtraction",
  neg: "negative",
  abs: "absolute value",
};

const comparison =
  (compute: (a: Expr, b: Expr) => Expr): IntRule =>
  (_, [a, b]) => ({ expr: compute(a, b), kind: "bool" });

const itself = asKind((a) => a);

/** The functions of ints whose result is an int or a condition; all others compute with floats. */
const intRules: Readonly<Record<string, IntRule>> = {
  add: (_, [a, b], kind) => {
    const sum = make(intAdd, a, b);
    return { expr: kind === "bool" ? not(not(sum)) : sum, kind };
  },
  sub: counting((a, b) => make(intSub, a, b)),
  mul: asKind((a, b) => make(intMul, a, b)),
  neg: counting((a) => make(intSub, 0, a)),
  abs: asKind((a) => make(intWhere, make(intLt, a, 0), make(intSub, 0, a), a)),
  sign: asKind((a) => make(intSub, make(intLt, 0, a), make(intLt, a, 0))),
  remainder(op, [a, b], kind) {
    if (kind === "bool") throw notOfBool(op, "remainder");
    return { expr: make(intRemainder, a, b), kind };
  },
  pow: asKind((a, b) => make(intPow, a, b)),
  maximum: asKind((a, b) => make(intWhere, make(intLt, a, b), b, a)),
  minimum: asKind((a, b) => make(intWhere, make(intLt, b, a), b, a)),
  floor: itself,
  ceil: itself,
  trunc: itself,
  round: itself,
  eq: comparison((a, b) => make(intEq, a, b)),
  ne: comparison((a, b) => not(make(intEq, a, b))),
  lt: comparison((a, b) => make(intLt, a, b)),
  gt: comparison((a, b) => make(intLt, b, a)),
  le: comparison((a, b) => not(make(intLt, b, a))),
  ge: comparison((a, b) => not(make(intLt, a, b))),
};

function asFloat({ expr }: Typed): Expr {
  return expr.isInt ? make(toFloat, expr) : expr;
}

/** Converts to an int. A float is truncated, unless it is a condition or a whole constant. */
function asInt({ expr, kind }: Typed): Expr {
  if (expr.isInt) return expr;
  if (expr.isConstant && kind !== "float") return expr.pool.constant(expr.value | 0, true);
  return make(kind === "bool" ? conditionToInt : toInt, expr);
}

/** Converts to an int that is 0 or 1. */
function asCondition(typed: Typed): Expr {
  if (typed.kind === "bool") return asInt(typed);
  if (typed.kind === "int") return not(not(asInt(typed)));
  return make(conditionToInt, asFloat(typed).ne(0));
}

const conversions: Readonly<Record<ScalarKind, (typed: Typed) => Expr>> = {
  bool: asCondition,
  int: asInt,
  float: asFloat,
};

function choose([condition, a, b]: readonly [Typed, Typed, Typed]): Typed {
  const kind = promoteKinds(a.kind, b.kind);
  if (kind === "float") return { expr: asFloat(condition).choose(asFloat(a), asFloat(b)), kind };
  return { expr: make(intWhere, asCondition(condition), asInt(a), asInt(b)), kind };
}

/**
 * Types expressions for inputs of given kinds. Arithmetic of ints has int results, analytic functions have float
 * results, and comparisons have conditions. Mixed kinds promote to the larger one, as in PyTorch. A whole constant is
 * an int. Ints and conditions in the result are int32.
 *
 * @param wanted kinds that outputs are converted to
 * @throws DTypeError that names `op`, for functions that bool does not have, such as subtraction
 */
function typed(
  op: string,
  outputs: readonly Expr[],
  inputs: readonly ScalarKind[],
  wanted: readonly (ScalarKind | undefined)[] = [],
): TypedExpressions {
  const pool = new ExprPool();
  const values = new Map<Expr, Typed>();
  const visit = (node: Expr): Typed => {
    const { primitive } = node;
    if (primitive === null) {
      if (node.input < 0)
        return { expr: pool.constant(node.value), kind: isInt32(node.value) ? "int" : "float" };
      const kind = inputs[node.input]!;
      return { expr: pool.input(node.input, kind !== "float"), kind };
    }
    const args = node.args.map((arg) => values.get(arg)!) as unknown as readonly [Typed, Typed, Typed];
    if (primitive.name === "choose") return choose(args);
    const refused = notOfConditions[primitive.name];
    if (refused !== undefined && node.args.some(({ input }) => inputs[input] === "bool")) {
      throw notOfBool(op, refused);
    }
    const kind = args.map((arg) => arg.kind).reduce(promoteKinds);
    const rule = kind === "float" ? undefined : intRules[primitive.name];
    if (rule !== undefined) return rule(op, args.map(asInt) as unknown as readonly [Expr, Expr, Expr], kind);
    return { expr: pool.node(primitive, args.map(asFloat)), kind: primitive.predicate ? "bool" : "float" };
  };
  for (const node of topological(outputs)) {
    values.set(node, visit(node));
  }
  const results = outputs.map((output) => {
    const value = values.get(output)!;
    return output.isConstant ? { ...value, kind: "float" as const } : value;
  });
  const kinds = results.map(({ kind }, k) => wanted[k] ?? kind);
  return { outputs: results.map((result, k) => conversions[kinds[k]!](result)), kinds };
}

/** A program over inputs of given kinds, and the kinds of its outputs. */
export interface TypedMap {
  readonly program: MapProgram;
  readonly kinds: readonly ScalarKind[];
}

/** A reduction over inputs of given kinds, and the kind of its output. */
export interface TypedReduction {
  readonly program: ReduceProgram;
  readonly kind: ScalarKind;
}

const [maps, reductions] = [newTier(), newTier()];

const isFloat = (kind: ScalarKind | undefined) => kind === "float";

/** The result of `make`, which runs once for each program and list of kinds. */
function once<T>(
  { compiled }: MapProgram | ReduceProgram,
  tier: number,
  kinds: readonly (ScalarKind | undefined)[],
  make: () => T,
): T {
  compiled[tier] ??= [new Map<string, T>()];
  const known = compiled[tier][0] as Map<string, T>;
  const key = kinds.join();
  let result = known.get(key);
  if (result === undefined) {
    result = make();
    known.set(key, result);
  }
  return result;
}

/**
 * The program for inputs of these kinds, typed by `typed`; `program` itself where all kinds are float.
 *
 * @param wanted kinds of the outputs; those that follow from the inputs unless given
 */
export function typedMap(
  program: MapProgram,
  inputs: readonly ScalarKind[],
  wanted: readonly (ScalarKind | undefined)[] = [],
): TypedMap {
  return once(program, maps, [...inputs, ...wanted], () => {
    const { name, outputs } = program;
    const result = typed(name, outputs, inputs, wanted);
    const same = inputs.every(isFloat) && result.kinds.every(isFloat);
    return {
      program: same ? program : new MapProgram(name, program.inputs, result.outputs),
      kinds: result.kinds,
    };
  });
}

/** Like `typedMap`, for a reduction. Sums and products of conditions are ints. */
export function typedReduction(program: ReduceProgram, inputs: readonly ScalarKind[]): TypedReduction {
  return once(program, reductions, inputs, () => {
    const { name, combine } = program;
    const counts = combine === "sum" || combine === "prod";
    const isAllFloat = inputs.every(isFloat);
    const [found] = typed(name, [program.map], inputs).kinds as [ScalarKind];
    const kind = isAllFloat ? "float" : counts ? promoteKinds(found, "int") : found;
    const finish = typed(name, [program.finish], [kind, "int"]);
    const result = finish.kinds[0]!;
    if (isAllFloat && result === "float") return { program, kind: result };
    const map = isAllFloat ? program.map : typed(name, [program.map], inputs, [kind]).outputs[0]!;
    const [finished] = finish.outputs as [Expr];
    return { program: new ReduceProgram(name, combine, program.inputs, map, finished), kind: result };
  });
}
