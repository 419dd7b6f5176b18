import { Command, InvalidArgumentError } from "commander";
import { type Peer, peers } from "./contestant-process";
import type { Effort } from "./measure";

export interface Options {
  readonly only?: RegExp;
  readonly peers: readonly Peer[];
  readonly effort: Effort;
  readonly isQuick: boolean;
  /** Where to write every number. */
  readonly json?: string;
  /** Where to draw cost against size. */
  readonly plot?: string;
}

const efforts = {
  full: { warmUp: 600, rounds: 7, round: 100 },
  quick: { warmUp: 150, rounds: 3, round: 40 },
} satisfies Record<string, Effort>;

export function parseOptions(args: readonly string[]): Options {
  const flags = new Command("bench")
    .description("Times Thalweg and its peers on the same data, once their results agree.")
    .option("--only <pattern>", "cases whose name matches, without regard to case", pattern)
    .option("--peers <names>", `of ${peers.join(", ")}; or none`, contestants, peers)
    .option("--quick", "fewer and shorter rounds, no limits of the machine")
    .option("--json <file>", "write every round")
    .option("--plot <file.svg>", "instead of the cases, draw the cost of an element against the size")
    .helpOption("--help", "show this help")
    .allowExcessArguments(false)
    // npm users put a "--" in front, which pnpm passes on.
    .parse(args[0] === "--" ? args.slice(1) : args, { from: "user" })
    .opts<Omit<Options, "effort" | "isQuick"> & { quick?: true }>();
  const { quick: isQuick = false, ...rest } = flags;
  return { ...rest, isQuick, effort: isQuick ? efforts.quick : efforts.full };
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text, "i");
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function contestants(text: string): readonly Peer[] {
  if (text === "none") return [];
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !peers.includes(name as Peer));
  if (unknown !== undefined) throw new InvalidArgumentError(`${unknown} is none of ${peers.join(", ")}.`);
  return names as Peer[];
}
