import { fileName, parse, positive, UsageError, whole } from "@thalweg/terminal";
import { Command, InvalidArgumentError, Option } from "commander";
import { activationKinds, normKinds, positionKinds } from "./model/config";
import type { SampleOptions } from "./model/sample";
import { defaults, type Length, presetNames, type Settings, taskNames } from "./settings";

export interface Options {
  /** Words to pronounce; training when there are none. */
  readonly words: readonly string[];
  /** Only those that were given. */
  readonly settings: Partial<Settings>;
  readonly length: Length | undefined;
  readonly save: string | undefined;
  readonly resume: string | undefined;
  readonly device: string;
  /** Whether the step runs as a program. */
  readonly compile: boolean;
  readonly beams: number;
  /** How names are drawn. */
  readonly drawing: Drawing;
  readonly quiet: boolean;
}

/** How names are drawn. */
type Drawing = Pick<SampleOptions, "temperature" | "topK" | "topP">;

/** The options as commander returns them. */
interface Flags extends Partial<Settings>, Drawing {
  readonly steps?: number;
  readonly minutes?: number;
  readonly save?: string;
  readonly resume?: string;
  readonly device?: string;
  readonly compile?: boolean;
  readonly beams?: number;
  readonly quiet?: boolean;
}

const examples = `
Examples:
  npx --yes pnpm@10 pronounce --task names
  npx --yes pnpm@10 pronounce --preset tiny --compile
  npx --yes pnpm@10 pronounce --minutes 20 --compile --save pronounce.safetensors
  npx --yes pnpm@10 pronounce thalweg gradient --resume pronounce.safetensors`;

function command(): Command {
  const { task, preset, positions, norm, activation, accumulate, seed } = defaults;
  const choice = (flags: string, text: string, choices: readonly string[], usual: string) =>
    new Option(flags, `${text} (default: ${usual})`).choices(choices);
  return new Command("pronounce")
    .description("Trains a small GPT to pronounce English words, or to invent first names.")
    .argument("[words...]", "words to pronounce with a model that --resume names")
    .addOption(choice("--task <name>", "what to learn", taskNames, task))
    .addOption(choice("--preset <name>", "the size of the model", presetNames, preset))
    .option("--minutes <count>", "train for so long (default: as many steps as the preset takes)", positive)
    .option("--steps <count>", "train for so many steps", whole(1))
    .option("--seed <number>", `seed of the split, the start and the order (default: ${seed})`, whole(0))
    .option("--save <file>", "save now and then, to resume from there", fileName)
    .option("--resume <file>", "resume from a saved run, and save there", fileName)
    .option("--compile", "record the step, and run it as one program: the same numbers, sooner")
    .addOption(choice("--device <name>", "what computes", ["cpu", "webgpu"], "cpu"))
    .addOption(choice("--positions <kind>", "how positions are known", positionKinds, positions))
    .addOption(choice("--norm <kind>", "how inputs are normalised", normKinds, norm))
    .addOption(choice("--activation <kind>", "what is between linear maps", activationKinds, activation))
    .option("--accumulate <parts>", `compute a batch in parts (default: ${accumulate})`, whole(1))
    .option("--checkpoint", "keep less for the gradients, and compute it again")
    .option("--words <count>", "take only so many words or names (default: all)", whole(60))
    .option("--beams <count>", "beams of the beam search (default: 4)", whole(1))
    .option("--temperature <value>", "how freely names are drawn (default: 0.8)", positive)
    .option("--top-k <count>", "draw from so many letters only (default: all)", whole(1))
    .option("--top-p <share>", "draw from the letters of this probability (default: 1)", share)
    .option("--quiet", "print only the result")
    .helpOption("--help", "show this help")
    .addHelpText("after", examples);
}

/** Reads a number above 0, and 1 at most. */
function share(text: string): number {
  const value = positive(text);
  if (value > 1) throw new InvalidArgumentError("It must be a number above 0, and 1 at most.");
  return value;
}

/**
 * Parses the arguments; null when they asked for help, which was then written.
 *
 * @throws UsageError when they are invalid.
 */
export function parseOptions(args: readonly string[], write: (text: string) => void): Options | null {
  const program = command();
  const flags = parse<Flags>(program, args, write);
  if (flags === null) return null;
  const { steps, minutes, save, resume, device = "cpu", compile = false, beams = 4, quiet = false } = flags;
  const { temperature = 0.8, topK, topP, ...rest } = flags;
  const words = program.args;
  if (steps !== undefined && minutes !== undefined) {
    throw new UsageError("there are both --steps and --minutes: leave one of them out");
  }
  if (words.length > 0 && resume === undefined) {
    throw new UsageError(`what pronounces ${words[0]}? name a saved model with --resume`);
  }
  return {
    words,
    settings: settingsOf(rest),
    length: steps !== undefined ? { steps } : minutes !== undefined ? { minutes } : undefined,
    save: save ?? resume,
    resume,
    device,
    compile,
    beams,
    drawing: { temperature, topK, topP },
    quiet,
  };
}

/** The settings among the options. */
function settingsOf(flags: Partial<Settings>): Partial<Settings> {
  const given = Object.entries(flags).filter(([name]) => Object.hasOwn(defaults, name));
  return Object.fromEntries(given);
}
