import { type Combine, type Expr, intNeutral, machine, neutral, topological } from "@thalweg/kernels";
import type { Code, Local } from "../assembler/assembler";
import { type Plain, type } from "../assembler/instructions";
import { canEmit, VectorExpression } from "./expression";

const suffix: Record<Combine, string> = { sum: "Add", prod: "Mul", max: "Max", min: "Min", fmax: "Pmax" };

/** Of ints, which have no NaN. */
const intSuffix: Record<Combine, string> = { ...suffix, max: "MaxS", min: "MinS", fmax: "MaxS" };

/** Whether totals can be finished so: those of floats in float64, which may end as a condition, and those of ints in ints. */
export function canFinish(finish: Expr, isInt: boolean): boolean {
  if (isInt) return topological([finish]).every((node) => node.isInt) && canEmit([finish]);
  return canEmit([floating(finish)], "f64x2");
}

/** What is computed in floats: without the step that makes a condition an int. */
const floating = (finish: Expr): Expr => (isCondition(finish) ? finish.args[0]! : finish);

/** No int is finished so: a condition of one is an int by itself. */
const isCondition = (finish: Expr): boolean => finish.primitive === machine.conditionToInt;

/** Combines the vectors of a reduction, in the order of `order.ts`. All sums of a kernel share it. */
export class Fold {
  readonly code: Code;
  readonly neutral: Local;
  private readonly wideNeutral: Local;
  private readonly finishing: VectorExpression;
  private readonly isInt: boolean;
  private readonly isCondition: boolean;
  /** Instructions that combine elements, and totals. */
  private readonly combining: Plain;
  private readonly totalling: Plain;

  /**
   * @param finish of the combined value and the number of elements
   * @param isInt whether ints are combined
   */
  constructor(code: Code, combination: Combine, finish: Expr, isInt = false) {
    const name = (isInt ? intSuffix : suffix)[combination];
    this.code = code;
    this.isInt = isInt;
    this.isCondition = isCondition(finish);
    this.combining = `${isInt ? "i32x4" : "f32x4"}${name}` as Plain;
    this.totalling = `${isInt ? "i32x4" : "f64x2"}${name}` as Plain;
    this.neutral = code.local(type.v128);
    this.wideNeutral = code.local(type.v128);
    if (isInt) code.i32x4(intNeutral[combination]).tee(this.neutral);
    else code.f32x4(neutral[combination]).set(this.neutral).f64x2(neutral[combination]);
    code.set(this.wideNeutral);
    const lanes = isInt ? "f32x4" : "f64x2";
    this.finishing = new VectorExpression(code, [floating(finish)], () => true, lanes);
  }

  /** Combines the two vectors on the stack. */
  combine(): Code {
    return this.code.op(this.combining);
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
    if (!this.isInt) code.op("f64x2PromoteLowF32x4");
    code.op(this.totalling).set(total);
  }

  /** Finished totals of so many elements, each as two lanes. */
  finish(totals: readonly Local[], count: Local): readonly Local[] {
    const { code, isInt } = this;
    const leaf = (input: number, u: number) => {
      if (input === 0) code.get(totals[u]!);
      else if (isInt) code.get(count).op("i32x4Splat");
      else code.get(count).op("f64ConvertI32U", "f64x2Splat");
    };
    return this.finishing.each(leaf, totals.length)[0]!.map((result) => {
      const narrow = code.local(type.v128);
      code.get(result);
      if (!isInt) code.op("f32x4DemoteF64x2Zero");
      if (this.isCondition) code.op("i32x4TruncSatF32x4S");
      code.set(narrow);
      return narrow;
    });
  }
}
