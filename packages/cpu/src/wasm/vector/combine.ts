import { type Combine, type Expr, intNeutral, machine, neutral, topological } from "@thalweg/kernels";
import type { Code, Local } from "../assembler/assembler";
import { type Plain, type } from "../assembler/instructions";
import { canEmit, VectorExpression } from "./expression";

const suffix: Record<Combine, string> = { sum: "Add", prod: "Mul", max: "Max", min: "Min", fmax: "Pmax" };

/** Of ints, which have no NaN. */
const intSuffix: Record<Combine, string> = { ...suffix, max: "MaxS", min: "MinS", fmax: "MaxS" };

/** Whether totals can be finished so: those of floats in float64, which may end as a condition, and those of ints in ints. */
export function canFinish(finish: Expr, isInt: boolean): boolean {
  if (isInt) return finish.isInt && topological([finish]).every((node) => node.isInt) && canEmit([finish]);
  return canEmit([floating(finish)], "f64x2");
}

/** What is computed in floats: without the step that makes a condition an int. */
const floating = (finish: Expr): Expr => (isCondition(finish) ? finish.args[0]! : finish);

const isCondition = (finish: Expr): boolean => finish.primitive === machine.conditionToInt;

/** What all folding of one kernel has in common. The order of it is that of `order.ts`. */
export class Fold {
  readonly code: Code;
  private readonly isInt: boolean;
  private readonly suffix: string;
  private readonly isCondition: boolean;
  readonly neutral: Local;
  private readonly wideNeutral: Local;
  private readonly finishing: VectorExpression;

  /**
   * @param finish of the combined value and the number of elements
   * @param isInt whether ints are combined
   */
  constructor(code: Code, combination: Combine, finish: Expr, isInt = false) {
    this.code = code;
    this.isInt = isInt;
    this.suffix = (isInt ? intSuffix : suffix)[combination];
    this.isCondition = !isInt && isCondition(finish);
    this.neutral = code.local(type.v128);
    this.wideNeutral = code.local(type.v128);
    if (isInt) {
      code.i32x4(intNeutral[combination]).tee(this.neutral).set(this.wideNeutral);
      this.finishing = new VectorExpression(code, [finish], () => true);
    } else {
      code.f32x4(neutral[combination]).set(this.neutral);
      code.f64x2(neutral[combination]).set(this.wideNeutral);
      this.finishing = new VectorExpression(code, [floating(finish)], () => true, "f64x2");
    }
  }

  /** Combines the two vectors on the stack. */
  combine(): Code {
    return this.code.op(`${this.isInt ? "i32x4" : "f32x4"}${this.suffix}` as Plain);
  }

  /** Sets variables to the neutral element. */
  reset(lanes: readonly Local[]): void {
    for (const lane of lanes) this.code.get(this.neutral).set(lane);
  }

  resetTotals(totals: readonly Local[]): void {
    for (const total of totals) this.code.get(this.wideNeutral).set(total);
  }

  /** Combines a total with two lanes of a vector. */
  add(total: Local, vector: Local, half = 0): void {
    const { code } = this;
    code.get(total).get(vector);
    if (half === 1) code.get(vector).shuffle(2, 3, 2, 3);
    if (this.isInt) this.combine();
    else code.op("f64x2PromoteLowF32x4", `f64x2${this.suffix}` as Plain);
    code.set(total);
  }

  /** Finished totals, each as two lanes. */
  finish(totals: readonly Local[], count: Local): readonly Local[] {
    const results = this.finishing.each(
      (input, u) => this.code.get(input === 0 ? totals[u]! : count),
      totals.length,
    )[0]!;
    if (this.isInt) return results;
    return results.map((result) => {
      const narrow = this.code.local(type.v128);
      this.code.get(result).op("f32x4DemoteF64x2Zero");
      if (this.isCondition) this.code.op("i32x4TruncSatF32x4S");
      this.code.set(narrow);
      return narrow;
    });
  }
}

/** The number of combined elements, as finishing of floats or ints wants it. */
export function wideCount(code: Code, count: Local, isInt = false): Local {
  const wide = code.local(type.v128);
  code.get(count);
  if (isInt) code.op("i32x4Splat");
  else code.op("f64ConvertI32U", "f64x2Splat");
  code.set(wide);
  return wide;
}
