import { Command, InvalidArgumentError, Option } from "commander";
import type { Device } from "./contestant";
import type { Effort } from "./measure";
import { type Peer, peersOn } from "./roster";

export interface Options {
  readonly device: Device;
  readonly only?: RegExp;
  readonly peers: readonly Peer[];
  readonly effort: Effort;
  readonly isQuick: boolean;
  /** File for all measurements. */
  readonly json?: string;
  /** File for the plot of cost against size. */
  readonly plot?: string;
}

const efforts = {
  full: { warmUp: 600, rounds: 7, round: 100 },
  quick: { warmUp: 150, rounds: 3, round: 40 },
} satisfies Record<string, Effort>;

export function parseOptions(args: readonly string[]): Options {
  const flags = new Command("bench")
    .description("Times Thalweg and its peers on the same data, once their results agree.")
    .addOption(new Option("--device <name>", "where to compute").choices(["cpu", "webgpu"]).default("cpu"))
    .option("--only <pattern>", "cases whose name matches, without regard to case", pattern)
    .option("--peers <names>", `of ${peersOn("cpu").join(", ")}, as the device has them; or none`, names)
    .option("--quick", "fewer and shorter rounds, no limits of the machine")
    .option("--json <file>", "write every round")
    .option("--plot <file.svg>", "instead of the cases, draw the cost of an element against the size")
    .helpOption("--help", "show this help")
    .allowExcessArguments(false)
    // npm users put a "--" in front, which pnpm passes on.
    .parse(args[0] === "--" ? args.slice(1) : args, { from: "user" })
    .opts<Omit<Options, "effort" | "isQuick" | "peers"> & { quick?: true; peers?: readonly Peer[] }>();
  const { quick: isQuick = false, peers, ...rest } = flags;
  const able = peersOn(rest.device);
  const effort = isQuick ? efforts.quick : efforts.full;
  return { ...rest, isQuick, effort, peers: able.filter((peer) => peers?.includes(peer) ?? true) };
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text, "i");
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function names(text: string): readonly Peer[] {
  if (text === "none") return [];
  const known = peersOn("cpu");
  const given = text.split(",").map((name) => name.trim());
  const unknown = given.find((name) => !known.includes(name as Peer));
  if (unknown !== undefined) throw new InvalidArgumentError(`${unknown} is not one of ${known.join(", ")}.`);
  return given as Peer[];
}
