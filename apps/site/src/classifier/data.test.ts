import { describe, expect, test } from "vitest";
import { examplesOf, gridOf } from "./data";
import { initialState, settingsOf } from "./fields";
import { dataNames, reach, type Settings } from "./settings";

const settings = (changes: Partial<Settings>): Settings => ({ ...settingsOf(initialState), ...changes });
const points = (of: Settings) => {
  const { places, kinds } = examplesOf(of);
  const kind = kinds.toArray() as number[];
  return (places.toArray() as [number, number][]).map(([x, y], i) => ({ x, y, kind: kind[i] }));
};
const drawn = dataNames.filter((name) => name !== "own");

/** The class of a place, for sets without noise. */
const rules = {
  circles: ({ x, y }) => Number(Math.hypot(x, y) < 1.4),
  xor: ({ x, y }) => Number(x * y > 0),
  gaussian: ({ x, y }) => Number(x + y > 0),
} satisfies Record<string, (at: { x: number; y: number }) => number>;

describe("examples", () => {
  test.each(drawn)("of %s lie on the plane, half of them in each class", (data) => {
    const all = points(settings({ data, noise: 0 }));
    expect(all).toHaveLength(200);
    expect(all.every(({ x, y }) => Math.max(Math.abs(x), Math.abs(y)) <= reach)).toBe(true);
    const ones = all.filter(({ kind }) => kind === 1).length;
    expect(ones).toBeGreaterThan(70);
    expect(ones).toBeLessThan(130);
  });

  test.each(Object.entries(rules))("of %s follow a rule without noise", (data, rule) => {
    const all = points(settings({ data: data as Settings["data"], noise: 0 }));
    const right = all.filter((at) => rule(at) === at.kind).length;
    expect(right).toBeGreaterThanOrEqual(198);
  });

  test("are the same for the same seed, and move with the noise", () => {
    const [first, again, other] = [settings({}), settings({}), settings({ seed: 2 })].map(points);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    const still = points(settings({ noise: 0 }));
    const distances = still.map(({ x, y }, i) => Math.hypot(x - first![i]!.x, y - first![i]!.y));
    const meanSquare = distances.reduce((sum, d) => sum + d * d, 0) / distances.length;
    // Twice the variance of 0.2.
    expect(meanSquare).toBeCloseTo(0.08, 1);
    expect(first!.map(({ kind }) => kind)).toEqual(still.map(({ kind }) => kind));
  });

  test("are split by the share, and leave one for the test where they can", () => {
    const own = [
      [0, 0, 0],
      [1, 1, 1],
      [2, 2, 1],
    ] as const;
    const trained = (changes: Partial<Settings>) => examplesOf(settings(changes)).trained;
    expect(trained({})).toBe(140);
    expect(trained({ share: 0.1 })).toBe(20);
    expect(trained({ data: "own", own, share: 0.9 })).toBe(2);
    expect(trained({ data: "own", own, share: 0.1 })).toBe(1);
    expect(trained({ data: "own", own: own.slice(0, 1) })).toBe(1);
    const all = points(settings({ data: "own", own }));
    expect(all.map(({ x }) => x).sort()).toEqual([0, 1, 2]);
    expect(all.every(({ x, kind }) => kind === Number(x > 0))).toBe(true);
  });
});

test("a grid goes row by row from the top left, through the middles of its cells", () => {
  expect(gridOf(3).toArray()).toEqual([
    [-2, 2],
    [0, 2],
    [2, 2],
    [-2, 0],
    [0, 0],
    [2, 0],
    [-2, -2],
    [0, -2],
    [2, -2],
  ]);
});
