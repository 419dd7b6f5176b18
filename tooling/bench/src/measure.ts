import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { disagreement } from "./agreement";
import type { Case } from "./cases";
import type { ContestantProcess } from "./contestant-process";

/** Times are in milliseconds. */
export interface Effort {
  readonly warmUp: number;
  readonly rounds: number;
  readonly round: number;
}

export interface Measurement {
  readonly name: string;
  /** Nanoseconds of one run in each round, by contestant; those that lack the case are not there. */
  readonly times: Readonly<Record<string, readonly number[]>>;
  /** How far from the result of the first contestant, as a share of the largest number. */
  readonly disagreements: Readonly<Record<string, number>>;
  /** Why a contestant was not timed: times of different things say nothing. */
  readonly refused: Readonly<Record<string, string>>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Sets a case up everywhere, holds the results against those of the first contestant, and times. */
export async function measure(
  definition: Case,
  contestants: readonly ContestantProcess[],
  effort: Effort,
): Promise<Measurement> {
  const directory = mkdtempSync(join(tmpdir(), "thalweg-bench-"));
  try {
    const able = await prepare(definition, contestants, directory);
    const { agreeing, ...comparison } = await compare(definition, able, directory);
    return { name: definition.name, times: await time(agreeing, effort), ...comparison };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function prepare(definition: Case, contestants: readonly ContestantProcess[], directory: string) {
  const inputs = definition.inputs().map(({ shape, values }, i) => {
    const file = join(directory, `input-${i}`);
    writeFileSync(file, values);
    return { shape, file };
  });
  const able: ContestantProcess[] = [];
  for (const contestant of contestants) {
    const answer = await contestant.ask({ do: "prepare", problem: definition.problem, inputs });
    if (!("lacking" in answer)) able.push(contestant);
  }
  return able;
}

async function compare(definition: Case, contestants: readonly ContestantProcess[], directory: string) {
  let expected: Float32Array | undefined;
  const agreeing: ContestantProcess[] = [];
  const disagreements: Record<string, number> = {};
  const refused: Record<string, string> = {};
  for (const contestant of contestants) {
    const file = join(directory, "result");
    await contestant.ask({ do: "result", file });
    const actual = new Float32Array(Uint8Array.from(readFileSync(file)).buffer);
    expected ??= actual;
    const distance = disagreement(actual, expected, definition.magnitude);
    disagreements[contestant.id] = distance;
    if (distance <= definition.tolerance) agreeing.push(contestant);
    else {
      const limit = `more than ${definition.tolerance}`;
      refused[contestant.id] = `${contestant.name} differs by ${distance.toPrecision(2)}, ${limit}`;
    }
  }
  return { agreeing, disagreements, refused };
}

/** Rounds take turns, so that a change in what else the machine does meets all alike. */
async function time(contestants: readonly ContestantProcess[], { warmUp, rounds, round }: Effort) {
  const counts = new Map<ContestantProcess, number>();
  for (const contestant of contestants) {
    let count = 1;
    for (let total = 0; total < warmUp; ) {
      const took = (await contestant.run(count)) / 1e6;
      total += took;
      count = Math.max(1, Math.min(2 * count, Math.round((count * round) / took)));
    }
    counts.set(contestant, count);
  }
  const times: Record<string, number[]> = Object.fromEntries(contestants.map(({ id }) => [id, []]));
  for (let i = 0; i < rounds; i++) {
    for (let j = 0; j < contestants.length; j++) {
      const contestant = contestants[(i + j) % contestants.length]!;
      const count = counts.get(contestant)!;
      times[contestant.id]!.push((await contestant.run(count)) / count);
    }
  }
  return times;
}
