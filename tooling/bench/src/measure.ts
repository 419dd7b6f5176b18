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
  /** How far from Thalweg's result, as a share of the largest number. */
  readonly disagreements: Readonly<Record<string, number>>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Sets a case up everywhere, holds the results against those of the first contestant, and times.
 *
 * @throws Error when results disagree: times of different things say nothing.
 */
export async function measure(
  definition: Case,
  contestants: readonly ContestantProcess[],
  effort: Effort,
): Promise<Measurement> {
  const directory = mkdtempSync(join(tmpdir(), "thalweg-bench-"));
  try {
    const able = await prepare(definition, contestants, directory);
    const disagreements = await compare(definition, able, directory);
    return { name: definition.name, times: await time(able, effort), disagreements };
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
  const disagreements: Record<string, number> = {};
  for (const contestant of contestants) {
    const file = join(directory, "result");
    await contestant.ask({ do: "result", file });
    const actual = new Float32Array(Uint8Array.from(readFileSync(file)).buffer);
    expected ??= actual;
    const distance = disagreement(actual, expected, definition.magnitude);
    if (distance > definition.tolerance) {
      const what = `${contestant.name} and ${contestants[0]!.name} disagree`;
      throw new Error(`${definition.name}: ${what} by ${distance}, more than ${definition.tolerance}`);
    }
    disagreements[contestant.id] = distance;
  }
  return disagreements;
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
