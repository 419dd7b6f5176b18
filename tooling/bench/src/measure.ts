import { disagreement } from "./agreement";
import type { Case } from "./cases";
import type { Commands, Remote } from "./remote";

/** Times are in milliseconds. */
export interface Effort {
  readonly warmUp: number;
  readonly rounds: number;
  readonly round: number;
}

export interface Measurement {
  readonly name: string;
  /** Nanoseconds of one run in each round, by contestant; those that do not support the case are missing. */
  readonly times: Readonly<Record<string, readonly number[]>>;
  /** Difference from the result of the first contestant, relative to the largest number. */
  readonly disagreements: Readonly<Record<string, number>>;
  /** Why a contestant was not timed: results that differ make times incomparable. */
  readonly refused: Readonly<Record<string, string>>;
  /** Work that one run submits to a GPU. */
  readonly commands: Readonly<Record<string, Commands>>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Sets a case up everywhere, compares the results with the first contestant's, and times it. */
export async function measure(
  definition: Case,
  contestants: readonly Remote[],
  effort: Effort,
): Promise<Measurement> {
  const inputs = definition.inputs();
  const able: Remote[] = [];
  for (const contestant of contestants) {
    if (await contestant.prepare(definition.problem, inputs)) able.push(contestant);
  }
  const { agreeing, ...comparison } = await compare(definition, able);
  const times = await time(agreeing, effort);
  return { name: definition.name, times, commands: await count(agreeing), ...comparison };
}

async function compare(definition: Case, contestants: readonly Remote[]) {
  let expected: Float32Array | undefined;
  const agreeing: Remote[] = [];
  const disagreements: Record<string, number> = {};
  const refused: Record<string, string> = {};
  for (const contestant of contestants) {
    const actual = await contestant.result();
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

const counted = 10;

async function count(contestants: readonly Remote[]): Promise<Record<string, Commands>> {
  const found: Record<string, Commands> = {};
  for (const contestant of contestants) {
    if (contestant.commands === undefined) continue;
    const totals = [await contestant.commands()];
    // What sets a run up is the same in both, and is left out.
    for (const times of [1, 2]) {
      await contestant.run(times * counted);
      totals.push(await contestant.commands());
    }
    const [first, second, third] = totals as [Commands, Commands, Commands];
    const perRun = (of: keyof Commands) => (third[of] - 2 * second[of] + first[of]) / counted;
    found[contestant.id] = { dispatches: perRun("dispatches"), submits: perRun("submits") };
  }
  return found;
}

/** Contestants take turns in every round, so that changes in the machine's load affect all of them. */
async function time(contestants: readonly Remote[], { warmUp, rounds, round }: Effort) {
  const counts = new Map<Remote, number>();
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
