import { fileName, parse, positive, UsageError, whole } from "@thalweg/terminal";
import { Command, Option } from "commander";
import { optimizerNames } from "thalweg";
import { defaultEpochs, defaults, modelNames, type Settings } from "./settings";

export interface Options {
  /** Only those that were given. */
  readonly settings: Partial<Settings>;
  readonly epochs: number | undefined;
  readonly save: string | undefined;
  readonly resume: string | undefined;
  /** Whether the step runs as a program. */
  readonly compile: boolean;
  /** Whether the processes that a launcher of MPI has started train together. */
  readonly distributed: boolean;
  readonly quiet: boolean;
}

/** The options as commander returns them. */
type Flags = Partial<Settings> & {
  readonly epochs?: number;
  readonly save?: string;
  readonly resume?: string;
  readonly compile?: boolean;
  readonly distributed?: boolean;
  readonly quiet?: boolean;
};

const examples = `
Examples:
  npx --yes pnpm@10 digits
  npx --yes pnpm@10 digits --model cnn --save cnn.safetensors
  npx --yes pnpm@10 digits --resume cnn.safetensors --epochs 20
  npx --yes pnpm@10 digits --optimizer sgd --lr 0.05 --seed 3`;

function command(): Command {
  const { optimizer, lr, decay, batchSize, images, seed } = defaults;
  const epochs = modelNames.map((name) => `${defaultEpochs[name]} for ${name}`).join(", ");
  return new Command("digits")
    .description("Learns to read handwritten digits: 8,000 images to train with, 2,000 to test with.")
    .addOption(
      new Option("--model <name>", `the kind of network (default: ${defaults.model})`).choices(modelNames),
    )
    .option("--epochs <count>", `times to go through the images (default: ${epochs})`, whole(1))
    .option("--optimizer <name>", `${optimizerNames().join(", ")} (default: ${optimizer})`)
    .option("--lr <rate>", `learning rate (default: ${lr})`, positive)
    .option("--decay <factor>", `factor of the rate after an epoch (default: ${decay})`, positive)
    .option("--batch-size <images>", `images in a step (default: ${batchSize})`, whole(1))
    .option("--images <count>", `number of training images (default: ${images})`, whole(1))
    .option("--seed <number>", `seed of the split, the start and the order (default: ${seed})`, whole(0))
    .option("--save <file>", "save after every epoch, to resume from there", fileName)
    .option("--resume <file>", "resume from a saved run, and save there", fileName)
    .option("--compile", "record the step, and run it as one program: the same numbers, sooner")
    .option(
      "--distributed",
      "train with the processes that mpirun has started, each with its part of a batch",
    )
    .option("--quiet", "print only the result")
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
  if (flags === null) return null;
  const { epochs, save, resume, compile = false, distributed = false, quiet = false, ...settings } = flags;
  if ((settings.images ?? 0) > defaults.images) {
    throw new UsageError(`there are ${defaults.images} images to train with: leave --images out for all`);
  }
  return { settings, epochs, save: save ?? resume, resume, compile, distributed, quiet };
}
