import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { complaint, UsageError } from "@thalweg/terminal";
import { CsvError, type CsvTable, readCsv, where } from "thalweg";
import { type Problem, quality } from "./problem";

/**
 * Columns of a file of comma-separated numbers. They are trained on with mean 0 and variance 1, so that one
 * learning rate suits every table.
 */
export function table(path: string, columns: readonly string[], target: string): Problem {
  const file = parse(path, [...columns, target]);
  const count = columns.length;
  const raw = file.columns.map((name) => file.column(name).dataSync());

  const data = file.data.to("float64");
  const constant = data.amax(0).eq(data.amin(0));
  const spread = where(constant, 1, data.std(0, { correction: 0 }));
  const mean = data.mean(0);
  const standard = data.sub(mean).div(spread).to("float32");

  const same = constant.dataSync().indexOf(1);
  if (same !== -1 && same < count) {
    const rows = file.rows === 1 ? "there is only one row" : `${raw[same]![0]} in every row`;
    throw new UsageError(`${basename(path)}, column "${columns[same]}": ${rows}, so it has no slope`);
  }
  const [means, units] = [mean.dataSync(), spread.dataSync()];
  return {
    names: { coefficients: columns, intercept: "intercept" },
    target,
    x: standard.narrow(1, 0, count),
    y: standard.narrow(1, count, 1),
    inOriginalUnits(parameters) {
      const unit = units[count]!;
      const coefficients = parameters.coefficients.map((w, k) => (w * unit) / units[k]!);
      const atMean = means[count]! + parameters.intercept * unit;
      return { coefficients, intercept: coefficients.reduce((sum, w, k) => sum - w * means[k]!, atMean) };
    },
    quality: (fit) => quality(raw.slice(0, count), raw[count]!, fit),
  };
}

function parse(path: string, columns: readonly string[]): CsvTable {
  const twice = columns.find((name, k) => columns.indexOf(name) !== k);
  if (twice !== undefined)
    throw new UsageError(`column "${twice}" is named twice, --x and --y must all differ`);
  try {
    return readCsv(read(path), { columns });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new UsageError(`${basename(path)}: ${complaint(error)}`);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a directory",
  EACCES: "permission denied",
};

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw new UsageError(`cannot read ${path}: ${reasons[code] ?? message}`);
  }
}
