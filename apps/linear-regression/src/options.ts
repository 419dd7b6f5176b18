import { fileName, parse, positive, UsageError, whole } from "@thalweg/terminal";
import { Command, InvalidArgumentError, Option } from "commander";
import { optimizerNames } from "thalweg";

export interface Options {
  /** By hand, or with modules of the library. */
  readonly model: "raw" | "module";
  /** The table to fit; the four points of the demo unless given. */
  readonly csv?: { readonly path: string; readonly x: readonly string[]; readonly y: string };
  readonly optimizer: string;
  readonly lr: number;
  readonly epochs: number;
  /** All rows unless given. */
  readonly batchSize?: number;
  readonly seed: number;
  /** Whether the step runs as a program. */
  readonly compile: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly plot: boolean;
}

/** The options as commander returns them. */
interface Flags {
  readonly model?: "raw" | "module";
  readonly csv?: string;
  readonly x?: readonly string[];
  readonly y?: string;
  readonly optimizer?: string;
  readonly lr?: number;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly seed: number;
  readonly compile?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
  readonly plot?: boolean;
}

const examples = `
Examples:
  npx --yes pnpm@10 demo
  npx --yes pnpm@10 demo --model module --optimizer adam --lr 0.1 --epochs 200 --plot
  npx --yes pnpm@10 demo --csv apps/linear-regression/data/cars.csv --x speed --y dist`;

function command(): Command {
  return new Command("demo")
    .description("Fits a line by gradient descent: forward, loss, backward, update.")
    .addOption(
      new Option(
        "--model <kind>",
        "by hand, or with nn.Linear, mseLoss and an optimizer; tables: module",
      ).choices(["raw", "module"]),
    )
    .option("--csv <file>", "fit a table instead of four points; needs --x and --y", fileName)
    .option("--x <columns>", "columns to predict from, separated by commas", names)
    .option("--y <column>", "column to predict")
    .option("--optimizer <name>", `implies --model module: ${optimizerNames().join(", ")} (default: sgd)`)
    .option("--lr <rate>", "learning rate (default: 0.01, for tables 0.1)", positive)
    .option("--epochs <count>", "times to go through the data (default: 20, for tables 100)", whole(1))
    .option("--batch-size <rows>", "rows in a step, shuffled if not all (default: all)", whole(1))
    .option("--seed <number>", "seed of the shuffling", whole(0), 0)
    .option("--compile", "record the step, and run it as one program: the same numbers, sooner")
    .option("--quiet", "print only the result")
    .option("--json", "print one JSON object")
    .option("--plot", "draw the loss curve")
    .helpOption("--help", "show this help")
    .addHelpText("after", examples);
}

/**
 * Parses the arguments; null when they asked for help, which was then written.
 *
 * @throws UsageError when they are invalid.
 */
export function parseOptions(args: readonly string[], write: (text: string) => void): Options | null {
  const flags = parse<Flags>(command(), args, write);
  return flags && complete(flags);
}

function complete(flags: Flags): Options {
  const { csv, x, y, model, optimizer, compile = false, quiet = false, json = false, plot = false } = flags;
  if (csv === undefined && (x !== undefined || y !== undefined)) {
    throw new UsageError("--x and --y name columns of a table: add --csv FILE");
  }
  if (csv !== undefined && (x === undefined || y === undefined)) {
    throw new UsageError("--csv needs to know the columns: add --x COLUMN[,COLUMN...] and --y COLUMN");
  }
  if (model === "raw" && optimizer !== undefined) {
    throw new UsageError(
      "--model raw updates by hand, without an optimizer: leave out one of --model and --optimizer",
    );
  }
  if (json && plot) throw new UsageError("--json prints nothing but JSON: leave out --plot");
  const isTable = csv !== undefined;
  return {
    compile,
    quiet,
    json,
    plot,
    seed: flags.seed,
    ...(flags.batchSize !== undefined && { batchSize: flags.batchSize }),
    model: model ?? (optimizer !== undefined || isTable ? "module" : "raw"),
    optimizer: optimizer ?? "sgd",
    ...(isTable && { csv: { path: csv, x: x!, y: y! } }),
    lr: flags.lr ?? (isTable ? 0.1 : 0.01),
    epochs: flags.epochs ?? (isTable ? 100 : 20),
  };
}

function names(text: string): string[] {
  const list = text.split(",").map((name) => name.trim());
  if (list.includes("")) throw new InvalidArgumentError("Name columns, separated by commas.");
  return list;
}
