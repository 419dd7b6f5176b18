import type { Moment } from "@thalweg/terminal";
import type { Epoch } from "./history";
import type { Fit, Problem } from "./problem";

/** Limit of the coefficients in a line that is printed again and again. */
const mostInLine = 3;

/** A number with three decimals, if these are significant. */
function short(value: number, decimals = 3): string {
  const size = Math.abs(value);
  return size === 0 || (size >= 0.01 && size < 1e6)
    ? value.toFixed(decimals)
    : value.toPrecision(decimals + 1);
}

/** The lines of text that describe training. */
export class Report {
  private readonly problem: Problem;
  private readonly epochs: number;
  private readonly every: number;

  constructor(problem: Problem, epochs: number) {
    this.problem = problem;
    this.epochs = epochs;
    this.every = Math.max(1, Math.round(epochs / 10));
  }

  before(): string[] {
    const zero = { coefficients: this.problem.names.coefficients.map(() => 0), intercept: 0 };
    return [`before training: ${this.parameters(zero, " = ")}`];
  }

  /** A line after each tenth of the epochs. */
  epoch({ epoch, loss, parameters }: Epoch): string[] {
    if (epoch % this.every !== 0 && epoch !== this.epochs) return [];
    const line = [`Epoch [${epoch}/${this.epochs}]`, `Loss: ${short(loss, 4)}`];
    if (parameters.coefficients.length <= mostInLine) line.push(this.parameters(parameters, ": "));
    return [line.join(", ")];
  }

  after({ parameters }: Epoch): string[] {
    return [`after training: ${this.parameters(parameters, " = ")}`];
  }

  /** The quality of the result. */
  comparison({ parameters }: Epoch): string[] {
    const { names, target, truth } = this.problem;
    if (truth !== undefined) return [`true values: ${pairs(names, truth, " = ")}`];
    const fit = this.problem.inOriginalUnits(parameters);
    const { rSquared, rootMeanSquare } = this.problem.quality(fit);
    const terms = fit.coefficients.map(
      (w, k) => `${sign(w)} ${short(Math.abs(w))} * ${names.coefficients[k]}`,
    );
    return [
      `${target} = ${short(fit.intercept)} ${terms.join(" ")}`,
      `R² = ${short(rSquared)}, root mean square error = ${short(rootMeanSquare)}`,
    ];
  }

  /** The texts beside the progress bar, from the longest to the shortest. */
  bar({ percent, done, rate, left }: Moment): string[][] {
    const epoch = `epoch ${Math.floor(done)}/${this.epochs}`;
    const speed = `${rate < 10 ? rate.toPrecision(2) : Math.round(rate)} epochs/s`;
    return [[percent, epoch, speed, left], [percent, speed, left], [percent, left], [percent]];
  }

  private parameters(parameters: Fit, equals: string): string {
    return pairs(this.problem.names, this.problem.inOriginalUnits(parameters), equals);
  }
}

const sign = (value: number) => (value < 0 ? "-" : "+");

function pairs(names: Problem["names"], { coefficients, intercept }: Fit, equals: string): string {
  const named = coefficients.map((value, k) => `${names.coefficients[k]}${equals}${short(value)}`);
  return [...named, `${names.intercept}${equals}${short(intercept)}`].join(", ");
}
