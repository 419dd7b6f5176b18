import type { DivergenceError } from "./failure";
import type { Epoch } from "./history";
import type { Options } from "./options";
import type { Problem } from "./problem";

/**
 * The output of `--json`, as one line:
 *
 * - `model`, `optimizer` (null if by hand), `lr`, `epochs`, `batchSize`, `seed`, `rows`, `target`: the settings
 * - `history`: for each epoch `{ epoch, loss, coefficients, intercept }`; `loss` is the mean squared error that
 *   was minimised (of standardised columns, for tables)
 * - `coefficients` (an object by column), `intercept`: the result, in the units of the data
 * - `rSquared`, `rootMeanSquare`: how well it fits the data
 * - `diverged`: null, or `{ epoch, loss, suggestedLr }`; then the four above are null
 */
export function toJson(
  options: Options,
  problem: Problem,
  epochs: readonly Epoch[],
  diverged: DivergenceError | null,
): string {
  const rows = problem.y.shape[0]!;
  const history = epochs.map(({ epoch, loss, parameters }) => ({
    epoch,
    loss,
    ...named(problem, parameters),
  }));
  const last = diverged === null ? epochs.at(-1) : undefined;
  const fit = last && problem.inOriginalUnits(last.parameters);
  return JSON.stringify({
    model: options.model,
    optimizer: options.model === "raw" ? null : options.optimizer,
    lr: options.lr,
    epochs: options.epochs,
    batchSize: Math.min(options.batchSize ?? rows, rows),
    seed: options.seed,
    rows,
    target: problem.target,
    history,
    ...(fit === undefined
      ? { coefficients: null, intercept: null, rSquared: null, rootMeanSquare: null }
      : { ...named(problem, last!.parameters), ...problem.quality(fit) }),
    diverged: diverged && { epoch: diverged.epoch, loss: diverged.loss, suggestedLr: diverged.suggestedLr },
  });
}

function named(problem: Problem, parameters: Epoch["parameters"]) {
  const { coefficients, intercept } = problem.inOriginalUnits(parameters);
  return {
    coefficients: Object.fromEntries(coefficients.map((value, k) => [problem.names.coefficients[k]!, value])),
    intercept,
  };
}
