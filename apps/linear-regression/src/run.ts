import { Interruption, Progress, type Terminal } from "@thalweg/terminal";
import { DataLoader, Generator, TensorDataset } from "thalweg";
import { DivergenceError } from "./failure";
import { History } from "./history";
import { toJson } from "./json";
import { line } from "./line";
import type { Options } from "./options";
import { plotLoss } from "./plot";
import { Report } from "./report";
import type { Step } from "./step";
import { table } from "./table";
import { trainModule } from "./train-module";
import { trainRaw } from "./train-raw";

/**
 * Trains by the options, and prints its progress.
 *
 * @throws UsageError, DivergenceError or Interruption.
 */
export async function run(options: Options, terminal: Terminal): Promise<void> {
  const { csv, epochs, lr, seed } = options;
  const problem = csv === undefined ? line() : table(csv.path, csv.x, csv.y);
  const [rows, columns] = problem.x.shape as [number, number];
  const batchSize = Math.min(options.batchSize ?? rows, rows);
  const batches = new DataLoader(new TensorDataset(problem.x, problem.y), {
    batchSize,
    shuffle: batchSize < rows,
    generator: new Generator(seed),
  });
  const steps: Iterable<Step> =
    options.model === "raw"
      ? trainRaw(batches, columns, epochs, lr, options.compile)
      : trainModule(batches, columns, epochs, lr, options.optimizer, options.compile);

  const history = new History(rows, epochs, problem.y.square().mean().item(), lr, options.json);
  const report = new Report(problem, epochs);
  const progress = new Progress(terminal, epochs, !options.quiet, (moment) => report.bar(moment));
  const isTold = !options.quiet && !options.json;
  try {
    if (isTold) progress.print(report.before());
    let count = 0;
    for (const step of steps) {
      const epoch = history.add(step);
      if (epoch !== null && isTold) progress.print(report.epoch(epoch));
      const done = ++count / batches.length;
      if (await progress.tick(done)) continue;
      throw new Interruption(`interrupted after ${Math.floor(done)} epochs`);
    }
  } catch (error) {
    if (options.json && error instanceof DivergenceError) {
      progress.stop();
      terminal.stdout.write(`${toJson(options, problem, history.epochs, error)}\n`);
    }
    throw error;
  } finally {
    progress.stop();
  }

  if (options.json) {
    terminal.stdout.write(`${toJson(options, problem, history.epochs, null)}\n`);
    return;
  }
  const last = history.last!;
  progress.print(report.after(last));
  if (!options.quiet || csv !== undefined) progress.print(report.comparison(last));
  if (options.plot) {
    progress.print(["", ...plotLoss(history.losses, terminal.stdout.columns ?? 80)]);
  }
}
