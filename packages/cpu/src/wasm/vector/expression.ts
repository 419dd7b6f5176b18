import type { Expr } from "@thalweg/kernels";
import { topological } from "@thalweg/kernels";
import type { Code, Local } from "../assembler/assembler";
import { type Plain, type } from "../assembler/instructions";

/** Four float32 lanes, or two float64 lanes where the whole expression is computed in float64. */
export type Lanes = "f32x4" | "f64x2";

const arithmetic = {
  add: "Add",
  sub: "Sub",
  mul: "Mul",
  div: "Div",
  sqrt: "Sqrt",
  neg: "Neg",
  abs: "Abs",
  floor: "Floor",
  ceil: "Ceil",
  trunc: "Trunc",
  round: "Nearest",
  maximum: "Max",
  minimum: "Min",
} as const;

const comparisons = { eq: "Eq", ne: "Ne", lt: "Lt", le: "Le", gt: "Gt", ge: "Ge" } as const;

const bounds = { atLeast: "Pmax", atMost: "Pmin" } as const;

/** Float64 steps inside a float32 expression, by their names in `machine.ts`. */
const wide = { wideAdd: "Add", wideSub: "Sub", wideMul: "Mul", wideDiv: "Div", wideSqrt: "Sqrt" } as const;

/** Arithmetic of ints. */
const integers = { intAdd: "Add", intSub: "Sub", intMul: "Mul", intEq: "Eq", intLt: "LtS" } as const;

const others = new Set([
  ...["choose", "exponent", "scale", "narrow", "widen", "widePow2", "wideWhere"],
  ...["intWhere", "toFloat", "toInt", "conditionToInt"],
]);

const plain = { ...arithmetic, ...comparisons, ...bounds };

const nameOf = (node: Expr): string => node.primitive?.name ?? "";
const isComparison = (node: Expr): boolean => nameOf(node) in comparisons;

/** The sum of this and an integer n has n + 1023 in its lowest bits. */
const widePow2Bias = 2 ** 52 + 1023;

/**
 * The first is added to n, the second to n/2. The bits of the sums differ by n - round(n/2) + 127, and those of the
 * second sum end in round(n/2) + 127.
 */
const scaleBias = { whole: 1.5 * 2 ** 23 + 254, half: 1.5 * 2 ** 23 + 127 };

/** The lanes of a constant. */
type LiteralLanes = Lanes | "i32x4";

/** Constants that functions need besides their arguments. */
const implied: Readonly<Record<string, readonly (readonly [number, LiteralLanes])[]>> = {
  ...Object.fromEntries(Object.keys(comparisons).map((name) => [name, [[1, "f32x4"]]])),
  choose: [[0, "f32x4"]],
  scale: [
    [0.5, "f32x4"],
    [scaleBias.whole, "f32x4"],
    [scaleBias.half, "f32x4"],
  ],
  wideWhere: [[0, "f32x4"]],
  widePow2: [[widePow2Bias, "f64x2"]],
  intEq: [[1, "i32x4"]],
  intLt: [[1, "i32x4"]],
  intWhere: [[0, "f32x4"]],
  conditionToInt: [[1, "i32x4"]],
};

/** The lanes of argument `i`, where it is a constant. */
function argumentLanes({ primitive, args }: Expr, i: number, lanes: Lanes): LiteralLanes {
  if (args[i]!.isInt) return "i32x4";
  return primitive?.wideArgs?.[i] ? "f64x2" : lanes;
}

/** The nodes of expressions, each after its operands, and close to them. */
function inOrder(outputs: readonly Expr[]): readonly Expr[] {
  const order = new Set<Expr>();
  const visit = (node: Expr): void => {
    if (order.has(node)) return;
    node.args.forEach(visit);
    order.add(node);
  };
  outputs.forEach(visit);
  return [...order];
}

/** Whether vectors can compute the expressions. */
export function canEmit(outputs: readonly Expr[], lanes: Lanes = "f32x4"): boolean {
  return topological(outputs).every((node) => {
    const name = nameOf(node);
    if (node.primitive === null || name in plain || name === "choose") return true;
    return lanes === "f32x4" && (name in wide || name in integers || others.has(name));
  });
}

/** Puts vector number `u` of an input on the stack. */
export type Leaf = (input: number, u: number) => void;

/**
 * Emits expressions as vector instructions. {@link invariants} computes the nodes that do not depend on varying inputs,
 * ahead of the loop; {@link each} computes the rest. Several vectors are computed in step, because one alone is a long
 * chain of instructions that wait for each other.
 */
export class VectorExpression {
  /** The approximate number of instructions for one vector. */
  readonly weight: number;
  private readonly code: Code;
  private readonly outputs: readonly Expr[];
  private readonly lanes: Lanes;
  private readonly nodes: readonly Expr[];
  private readonly varying = new Set<Expr>();
  /** The variables of each node: vector u is at 2 u, the high half of a float64 node at 2 u + 1. */
  private readonly places = new Map<Expr, Local[]>();
  private readonly literals = new Map<string, Local>();
  private half: Local | undefined;

  /** @param varies says whether an input changes in the loop */
  constructor(
    code: Code,
    outputs: readonly Expr[],
    varies: (input: number) => boolean,
    lanes: Lanes = "f32x4",
  ) {
    this.code = code;
    this.outputs = outputs;
    this.lanes = lanes;
    this.nodes = inOrder(outputs);
    this.weight = this.nodes.filter((node) => node.primitive !== null).length;
    for (const node of this.nodes) {
      const { input, args } = node;
      if (input >= 0 ? varies(input) : args.some((arg) => this.varying.has(arg))) this.varying.add(node);
      args.forEach((arg, i) => {
        if (arg.isConstant) this.literal(arg.value, argumentLanes(node, i, lanes));
      });
      for (const [value, of] of implied[nameOf(node)] ?? [])
        this.literal(value, lanes === "f64x2" ? lanes : of);
    }
    for (const node of outputs) if (node.isConstant) this.place(node, 0);
  }

  /** Computes the nodes that are the same in all iterations. */
  invariants(leaf: Leaf): void {
    for (const node of this.nodes) if (!this.varying.has(node)) this.compute(node, 0, leaf);
  }

  /** Computes vectors of each output, and returns the variables that hold them. */
  each(leaf: Leaf, vectors = 1): readonly (readonly Local[])[] {
    for (const node of this.nodes) {
      if (this.varying.has(node)) for (let u = 0; u < vectors; u++) this.compute(node, u, leaf);
    }
    return this.outputs.map((node) =>
      Array.from({ length: vectors }, (_, u) => {
        if (!isComparison(node)) return this.place(node, u);
        const number = this.code.local(type.v128);
        this.push(node, u);
        this.code.set(number);
        return number;
      }),
    );
  }

  /** The variable with a constant in all lanes, which the constructor has set. */
  private literal(value: number, lanes: LiteralLanes = this.lanes): Local {
    const key = `${lanes}${Object.is(value, -0) ? "-0" : value}`;
    let local = this.literals.get(key);
    if (local === undefined) {
      local = this.code.local(type.v128);
      this.code[lanes](value).set(local);
      this.literals.set(key, local);
    }
    return local;
  }

  private plain(suffix: string, lanes: LiteralLanes = this.lanes): void {
    this.code.op(`${lanes}${suffix}` as Plain);
  }

  /** The variable of vector u of a node, or of one half of it. */
  private place(node: Expr, u: number, half = 0): Local {
    if (node.isConstant) return this.literal(node.value, node.isInt ? "i32x4" : this.lanes);
    let places = this.places.get(node);
    if (places === undefined) {
      places = [];
      this.places.set(node, places);
    }
    const at = (this.varying.has(node) ? 2 * u : 0) + half;
    places[at] ??= this.code.local(type.v128);
    return places[at];
  }

  /** Puts a node on the stack as numbers. */
  private push(node: Expr, u: number): void {
    this.code.get(this.place(node, u));
    if (isComparison(node)) this.code.get(this.literal(1)).op("v128And");
  }

  /** Puts a node on the stack as a mask of the lanes where it is not zero. */
  private pushMask(node: Expr, u: number): void {
    this.code.get(this.place(node, u));
    if (isComparison(node)) return;
    this.code.get(this.literal(0));
    this.plain("Ne", node.isInt ? "i32x4" : this.lanes);
  }

  private pushWide(node: Expr, u: number, half: number): void {
    this.code.get(node.isConstant ? this.literal(node.value, "f64x2") : this.place(node, u, half));
  }

  /** Computes a node into its place: a comparison as a mask, other nodes as numbers. */
  private compute(node: Expr, u: number, leaf: Leaf): void {
    const { code } = this;
    const name = nameOf(node);
    const [a, b, c] = node.args as readonly [Expr, Expr, Expr];
    if (node.primitive === null) {
      if (node.isConstant) return;
      leaf(node.input, u);
    } else if (node.primitive.wide) {
      for (const half of [0, 1]) {
        this.computeHalf(node, u, half);
        code.set(this.place(node, u, half));
      }
      return;
    } else if (name === "choose" || name === "intWhere") {
      this.push(b, u);
      this.push(c, u);
      this.pushMask(a, u);
      code.op("v128Bitselect");
    } else if (node.isInt || name === "toFloat") {
      this.computeInt(node, u);
    } else if (name === "exponent") {
      this.push(a, u);
      code.i32(23).op("i32x4ShrS").i32x4(127).op("i32x4Sub", "f32x4ConvertI32x4S");
    } else if (name === "scale") {
      this.computeScale(a, b, u);
    } else if (name === "narrow") {
      for (const half of [0, 1]) {
        this.pushWide(a, u, half);
        code.op("f32x4DemoteF64x2Zero");
      }
      code.shuffle(0, 1, 4, 5);
    } else {
      for (const arg of node.args) this.push(arg, u);
      this.plain(plain[name as keyof typeof plain]);
    }
    code.set(this.place(node, u));
  }

  /** Puts a node whose argument or result is an int on the stack. */
  private computeInt(node: Expr, u: number): void {
    const { code } = this;
    const name = nameOf(node);
    const pushOne = () => code.get(this.literal(1, "i32x4"));
    if (name === "conditionToInt") {
      this.pushMask(node.args[0]!, u);
      pushOne().op("v128And");
      return;
    }
    for (const arg of node.args) this.push(arg, u);
    if (name === "toFloat") code.op("f32x4ConvertI32x4S");
    else if (name === "toInt") code.op("i32x4TruncSatF32x4S");
    else code.op(`i32x4${integers[name as keyof typeof integers]}`);
    if (name === "intEq" || name === "intLt") pushOne().op("v128And");
  }

  /** Computes x·2ⁿ in two steps, which both stay in the range of exponents. The first step is exact. */
  private computeScale(x: Expr, n: Expr, u: number): void {
    const { code } = this;
    const half = (this.half ??= code.local(type.v128));
    this.push(n, u);
    code.get(this.literal(0.5)).op("f32x4Mul").get(this.literal(scaleBias.half)).op("f32x4Add").set(half);
    this.push(x, u);
    code.get(half).i32(23).op("i32x4Shl", "f32x4Mul");
    this.push(n, u);
    code.get(this.literal(scaleBias.whole)).op("f32x4Add").get(half).op("i32x4Sub").i32(23);
    code.op("i32x4Shl", "f32x4Mul");
  }

  /** Puts two of the four lanes of a float64 node on the stack. */
  private computeHalf(node: Expr, u: number, half: number): void {
    const { code } = this;
    const name = nameOf(node);
    const [a, b, c] = node.args as readonly [Expr, Expr, Expr];
    const at = 2 * half;
    if (name === "widen") {
      this.push(a, u);
      if (half === 1) {
        this.push(a, u);
        code.shuffle(2, 3, 2, 3);
      }
      code.op("f64x2PromoteLowF32x4");
    } else if (name === "wideWhere") {
      this.pushWide(b, u, half);
      this.pushWide(c, u, half);
      this.pushMask(a, u);
      this.pushMask(a, u);
      code.shuffle(at, at, at + 1, at + 1).op("v128Bitselect");
    } else {
      for (const arg of node.args) this.pushWide(arg, u, half);
      if (name === "widePow2")
        code.get(this.literal(widePow2Bias, "f64x2")).op("f64x2Add").i32(52).op("i64x2Shl");
      else this.plain(wide[name as keyof typeof wide], "f64x2");
    }
  }
}
