import type { Expr } from "@thalweg/kernels";
import { type Combine, neutral } from "@thalweg/kernels";
import type { Code, Local } from "../assembler/assembler";
import { type Plain, type } from "../assembler/instructions";
import { VectorExpression } from "./expression";

const suffix: Record<Combine, string> = { sum: "Add", prod: "Mul", max: "Max", min: "Min", fmax: "Pmax" };

/** Combines the vectors of a reduction, in the order of `order.ts`. All sums of a kernel share it. */
export class Fold {
  readonly code: Code;
  private readonly combination: Combine;
  readonly neutral: Local;
  private readonly wideNeutral: Local;
  private readonly finishing: VectorExpression;

  /** @param finish computes the result from the combined value and the number of elements */
  constructor(code: Code, combination: Combine, finish: Expr) {
    this.code = code;
    this.combination = combination;
    this.neutral = code.local(type.v128);
    this.wideNeutral = code.local(type.v128);
    code.f32x4(neutral[combination]).set(this.neutral);
    code.f64x2(neutral[combination]).set(this.wideNeutral);
    this.finishing = new VectorExpression(code, [finish], () => true, "f64x2");
  }

  /** Combines the two vectors on the stack. */
  combine(lanes: "f32x4" | "f64x2" = "f32x4"): Code {
    return this.code.op(`${lanes}${suffix[this.combination]}` as Plain);
  }

  /** Sets variables to the neutral element. */
  reset(lanes: readonly Local[]): void {
    for (const lane of lanes) this.code.get(this.neutral).set(lane);
  }

  resetTotals(totals: readonly Local[]): void {
    for (const total of totals) this.code.get(this.wideNeutral).set(total);
  }

  /** Combines a total with two lanes of a vector of float32. */
  add(total: Local, vector: Local, half = 0): void {
    const { code } = this;
    code.get(total).get(vector);
    if (half === 1) code.get(vector).shuffle(2, 3, 2, 3);
    code.op("f64x2PromoteLowF32x4");
    this.combine("f64x2").set(total);
  }

  /** Finishes totals. Each result has two float32 lanes. */
  finish(totals: readonly Local[], count: Local): readonly Local[] {
    const results = this.finishing.each(
      (input, u) => this.code.get(input === 0 ? totals[u]! : count),
      totals.length,
    )[0]!;
    return results.map((result) => {
      const narrow = this.code.local(type.v128);
      this.code.get(result).op("f32x4DemoteF64x2Zero").set(narrow);
      return narrow;
    });
  }
}

/** The number of combined elements as a float64 in both lanes, which {@link Fold.finish} takes. */
export function wideCount(code: Code, count: Local): Local {
  const wide = code.local(type.v128);
  code.get(count).op("f64ConvertI32U", "f64x2Splat").set(wide);
  return wide;
}
