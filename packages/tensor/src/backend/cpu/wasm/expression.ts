import { reachable } from "../../../scalar/derive";
import type { Expr } from "../../../scalar/expr";
import type { Code, Local } from "./assembler";
import { type Plain, type } from "./instructions";

/** Four float32 lanes, or two of float64 where the whole expression is computed in that. */
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

/** Float64 in the middle of a float32 expression, as `machine.ts` names it. */
const wide = { wideAdd: "Add", wideSub: "Sub", wideMul: "Mul", wideDiv: "Div", wideSqrt: "Sqrt" } as const;

const others = new Set(["where", "pow2", "exponent", "narrow", "widen", "widePow2", "wideWhere"]);

const nameOf = (node: Expr): string => node.primitive?.name ?? "";
const isComparison = (node: Expr): boolean => nameOf(node) in comparisons;

/** Whether the expressions consist of what vectors can do. */
export function canEmit(outputs: readonly Expr[], lanes: Lanes = "f32x4"): boolean {
  return outputs.flatMap(reachable).every((node) => {
    const name = nameOf(node);
    if (node.primitive === null || name in arithmetic || name in comparisons || name === "where") return true;
    return lanes === "f32x4" && (name in wide || others.has(name));
  });
}

/** Low and high half of four float64 lanes. */
type Pair = readonly [Local, Local];

/**
 * Writes expressions as vector instructions. What does not depend on varying inputs is computed by
 * {@link invariants}, ahead of the loop; {@link each} computes the rest, every shared node once.
 */
export class VectorExpression {
  /** Instructions for one vector, about: what unrolling multiplies. */
  readonly weight: number;
  private readonly code: Code;
  private readonly outputs: readonly Expr[];
  private readonly lanes: Lanes;
  private readonly varying = new Set<Expr>();
  private readonly uses = new Map<Expr, number>();
  private readonly locals = new Map<Expr, Local>();
  private readonly pairs = new Map<Expr, Pair>();
  private readonly literals = new Map<string, Local>();
  private readonly results: readonly Local[];
  private known = new Set<Expr>();
  private ahead: ReadonlySet<Expr> = new Set<Expr>();
  private leaf: (input: number) => void = () => {};

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
    this.results = outputs.map(() => code.local(type.v128));
    const nodes = [...new Set(outputs.flatMap(reachable))].sort((a, b) => a.id - b.id);
    this.weight = nodes.length;
    const use = (node: Expr) => this.uses.set(node, (this.uses.get(node) ?? 0) + 1);
    for (const node of nodes) {
      node.args.forEach(use);
      if (node.input >= 0 ? varies(node.input) : node.args.some((arg) => this.varying.has(arg))) {
        this.varying.add(node);
      }
      if (node.primitive === null) continue;
      node.args.forEach((arg, i) => {
        if (arg.isConstant) this.literal(arg.value, node.primitive!.wideArgs?.[i] === true);
      });
      if (isComparison(node)) this.literal(1, false);
      if (node.primitive.name === "where" || node.primitive.name === "wideWhere") this.literal(0, false);
      if (node.primitive.name === "pow2") this.literal(2 ** 23 + 127, false);
      if (node.primitive.name === "widePow2") this.literal(2 ** 52 + 1023, true);
    }
    outputs.forEach(use);
    for (const node of outputs) if (node.isConstant) this.literal(node.value, false);
  }

  /** Computes what is the same in all iterations; `leaf` puts an input on the stack. */
  invariants(leaf: (input: number) => void): void {
    this.leaf = leaf;
    this.known = new Set();
    const roots = [...this.varying].flatMap((node) => node.args);
    for (const node of [...roots, ...this.outputs]) {
      if (this.varying.has(node) || node.primitive === null) continue;
      if (node.primitive.wide) this.wide(node);
      else {
        this.uses.set(node, 2);
        this.form(node);
        this.code.op("drop");
      }
    }
    this.ahead = this.known;
  }

  /** Computes one vector of each output and returns where it is. */
  each(leaf: (input: number) => void): readonly Local[] {
    this.leaf = leaf;
    this.known = new Set(this.ahead);
    this.outputs.forEach((output, k) => {
      this.value(output);
      this.code.set(this.results[k]!);
    });
    return this.results;
  }

  /** A constant in all lanes: a variable, which the constructor has set. */
  private literal(value: number, isWide: boolean): Local {
    const lanes = isWide ? "f64x2" : this.lanes;
    const key = `${lanes}${Object.is(value, -0) ? "-0" : value}`;
    let local = this.literals.get(key);
    if (local === undefined) {
      local = this.code.local(type.v128);
      this.code[lanes](value).set(local);
      this.literals.set(key, local);
    }
    return local;
  }

  private plain(suffix: string, lanes = this.lanes): void {
    this.code.op(`${lanes}${suffix}` as Plain);
  }

  /** Puts a node on the stack as numbers. */
  private value(node: Expr): void {
    this.form(node);
    if (isComparison(node)) this.code.get(this.literal(1, false)).op("v128And");
  }

  /** Puts a node on the stack as a mask of the lanes where it is not zero. */
  private mask(node: Expr): void {
    this.form(node);
    if (!isComparison(node)) {
      this.code.get(this.literal(0, false));
      this.plain("Ne");
    }
  }

  /** Puts a node on the stack: a comparison as a mask, all else as numbers. */
  private form(node: Expr): void {
    const { code } = this;
    if (node.isConstant) {
      code.get(this.literal(node.value, false));
      return;
    }
    const local = this.locals.get(node);
    if (local !== undefined && this.known.has(node)) {
      code.get(local);
      return;
    }
    if (node.primitive === null) this.leaf(node.input);
    else this.compute(node, node.args as readonly [Expr, Expr, Expr]);
    if (this.uses.get(node)! > 1) {
      const kept = local ?? code.local(type.v128);
      this.locals.set(node, kept);
      this.known.add(node);
      code.tee(kept);
    }
  }

  private compute(node: Expr, [a, b, c]: readonly [Expr, Expr, Expr]): void {
    const { code } = this;
    const name = nameOf(node);
    const plain = { ...arithmetic, ...comparisons }[name as keyof typeof arithmetic];
    if (plain !== undefined) {
      for (const arg of node.args) this.value(arg);
      this.plain(plain);
    } else if (name === "where") {
      this.value(b);
      this.value(c);
      this.mask(a);
      code.op("v128Bitselect");
    } else if (name === "pow2") {
      // n + 2²³ + 127 has n + 127 in its lowest bits.
      this.value(a);
      code
        .get(this.literal(2 ** 23 + 127, false))
        .op("f32x4Add")
        .i32(23)
        .op("i32x4Shl");
    } else if (name === "exponent") {
      this.value(a);
      code.i32(23).op("i32x4ShrS").i32x4(127).op("i32x4Sub", "f32x4ConvertI32x4S");
    } else {
      const [low, high] = this.wide(a);
      code.get(low).op("f32x4DemoteF64x2Zero").get(high).op("f32x4DemoteF64x2Zero").shuffle(0, 1, 4, 5);
    }
  }

  /** The variables of a float64 node, computed unless they are known. */
  private wide(node: Expr): Pair {
    const { code } = this;
    if (node.isConstant) {
      const local = this.literal(node.value, true);
      return [local, local];
    }
    const known = this.pairs.get(node);
    if (known !== undefined && this.known.has(node)) return known;
    const name = nameOf(node);
    const pair: Pair = known ?? [code.local(type.v128), code.local(type.v128)];
    const [low, high] = pair;
    if (name === "widen") {
      this.value(node.args[0]!);
      code.tee(high).op("f64x2PromoteLowF32x4").set(low);
      code.get(high).get(high).shuffle(2, 3, 2, 3).op("f64x2PromoteLowF32x4").set(high);
    } else if (name === "wideWhere") {
      const [condition, a, b] = node.args as [Expr, Expr, Expr];
      const [yes, no] = [this.wide(a), this.wide(b)];
      this.mask(condition);
      const mask = code.local(type.v128);
      code.set(mask);
      pair.forEach((to, half) => {
        const at = 2 * half;
        code
          .get(yes[half]!)
          .get(no[half]!)
          .get(mask)
          .get(mask)
          .shuffle(at, at, at + 1, at + 1);
        code.op("v128Bitselect").set(to);
      });
    } else {
      const args = node.args.map((arg) => this.wide(arg));
      pair.forEach((to, half) => {
        for (const arg of args) code.get(arg[half]!);
        if (name === "widePow2") {
          code
            .get(this.literal(2 ** 52 + 1023, true))
            .op("f64x2Add")
            .i32(52)
            .op("i64x2Shl");
        } else this.plain(wide[name as keyof typeof wide], "f64x2");
        code.set(to);
      });
    }
    this.pairs.set(node, pair);
    this.known.add(node);
    return pair;
  }
}
