import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fc, test } from "@fast-check/vitest";
import { Generator, randn } from "thalweg";
import { describe, expect, it } from "vitest";
import { table } from "./table";
import { cars, runApp } from "./testing";

const folder = mkdtempSync(join(tmpdir(), "linear-regression-"));
let files = 0;

function file(text: string): string {
  const path = join(folder, `table-${files++}.csv`);
  writeFileSync(path, text);
  return path;
}

/** The least-squares fit in double precision: Gaussian elimination on XᵀX·β = Xᵀy, X having a column of ones. */
function leastSquares(rows: readonly (readonly number[])[], targets: readonly number[]): number[] {
  const x = rows.map((row) => [...row, 1]);
  const n = x[0]!.length;
  const a = Array.from({ length: n }, (_, i) => [
    ...Array.from({ length: n }, (_, j) => x.reduce((sum, row) => sum + row[i]! * row[j]!, 0)),
    x.reduce((sum, row, k) => sum + row[i]! * targets[k]!, 0),
  ]);
  for (let i = 0; i < n; i++) {
    const pivot = a.slice(i).reduce((best, row) => (Math.abs(row[i]!) > Math.abs(best[i]!) ? row : best));
    a.splice(i, 0, ...a.splice(a.indexOf(pivot), 1));
    for (const row of a) {
      if (row === pivot) continue;
      const factor = row[i]! / pivot[i]!;
      for (let j = i; j <= n; j++) row[j]! -= factor * pivot[j]!;
    }
  }
  return a.map((row, i) => row[n]! / row[i]!);
}

async function fit(path: string, x: string, y: string, ...options: string[]) {
  const { stdout, stderr } = await runApp("--csv", path, "--x", x, "--y", y, "--json", ...options);
  expect(stderr).toBe("");
  const result = JSON.parse(stdout);
  return [...Object.values<number>(result.coefficients), result.intercept as number];
}

function expectClose(found: readonly number[], expected: readonly number[], relative: number): void {
  found.forEach((value, k) => {
    expect(Math.abs(value - expected[k]!)).toBeLessThan(relative * (1 + Math.abs(expected[k]!)));
  });
}

describe("the data set of the demo", () => {
  const rows = readFileSync(cars, "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((row) => row.split(",").map(Number));
  const [speed, dist] = [0, 1].map((k) => rows.map((row) => row[k]!)) as [number[], number[]];

  it("is the one of the source", () => {
    const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
    expect([rows.length, sum(speed), sum(dist)]).toEqual([50, 770, 2149]);
    expect([sum(speed.map((v) => v * v)), sum(dist.map((v) => v * v))]).toEqual([13228, 124903]);
    expect(sum(speed.map((v, i) => v * dist[i]!))).toBe(38482);
  });

  it.each([
    ["by hand", ["--model", "raw"]],
    ["with modules", []],
  ])("has the fit of the closed form, %s", async (_, options) => {
    const expected = leastSquares(
      speed.map((v) => [v]),
      dist,
    );
    expectClose(expected, [3.9324087591, -17.579094891], 1e-9);
    expectClose(await fit(cars, "speed", "dist", ...options), expected, 1e-5);
  });

  it("is fitted in the units of the data, for either predicted column", async () => {
    expectClose(
      await fit(cars, "dist", "speed"),
      leastSquares(
        dist.map((v) => [v]),
        speed,
      ),
      1e-5,
    );
  });

  it("can be fitted in batches, in an order that depends on the seed", async () => {
    const options = ["--batch-size", "10", "--lr", "0.01"];
    const [one, again, other] = await Promise.all(
      ["1", "1", "2"].map((seed) => fit(cars, "speed", "dist", ...options, "--seed", seed)),
    );
    expect(one).toEqual(again);
    expect(one).not.toEqual(other);
    expectClose(one!, [3.932, -17.579], 0.05);
  });
});

describe("a table", () => {
  test.prop([fc.nat({ max: 1e6 }), fc.integer({ min: 1, max: 3 }), fc.constantFrom(1, 1000, 0.01)], {
    numRuns: 8,
  })("of several columns has the fit of the closed form", async (seed, columns, unit) => {
    const numbers = randn([30, columns + 1], { generator: new Generator(seed) })
      .mul(unit)
      .add(3 * unit);
    const rows = numbers.toArray() as number[][];
    const names = [..."abc"].slice(0, columns);
    const path = file([[...names, "y"], ...rows].map((row) => row.join(",")).join("\n"));
    const found = await fit(path, names.join(","), "y", "--epochs", "400");
    const expected = leastSquares(
      rows.map((row) => row.slice(0, -1)),
      rows.map((row) => row.at(-1)!),
    );
    expectClose(found.slice(0, -1), expected.slice(0, -1), 1e-3);
    expectClose(found.slice(-1), expected.slice(-1), 1e-3 * Math.max(1, unit));
  });

  it("is standardised for training", () => {
    const { x, y } = table(file("a,b,c\n1,100,3\n2,300,3\n6,800,3"), ["b", "a"], "c");
    expect([x.shape, y.shape]).toEqual([
      [3, 2],
      [3, 1],
    ]);
    for (const mean of x.mean(0).dataSync()) expect(mean).toBeCloseTo(0, 6);
    for (const square of x.square().mean(0).dataSync()) expect(square).toBeCloseTo(1, 6);
    expect(y.toArray()).toEqual([[0], [0], [0]]);
  });
});

describe("a table that cannot be fitted", () => {
  it.each([
    [
      "a cell that is not a number",
      "eruptions,waiting\n3.6,79\n1.8,54\n3.3,abc",
      "eruptions",
      "waiting",
      'row 3, column "waiting": "abc" is not a number, in line 4 of the text; correct it, or leave the column out',
    ],
    [
      "an empty cell",
      "a,b\n1,",
      "a",
      "b",
      'row 1, column "b": the cell is empty, in line 2 of the text; correct it, or leave the column out',
    ],
    [
      "an unknown column",
      "a,b\n1,2",
      "a",
      "c",
      'there is no column "c", the table has "a", "b"; name one of these',
    ],
    [
      "no rows",
      "a,b\n",
      "a",
      "b",
      "the table is empty, there are no rows below the header; add rows of numbers",
    ],
    ["no text", "", "a", "b", "the table is empty, the text has no lines; check the file"],
  ])("has %s", (_, text, x, y, message) => {
    const path = file(text);
    expect(() => table(path, [x], y)).toThrow(`${path.split("/").at(-1)}: ${message}`);
  });

  it("has a column without variance", () => {
    expect(() => table(file("a,b\n0.1,1\n0.1,2\n0.1,4"), ["a"], "b")).toThrow(
      /^table-\d+\.csv, column "a": 0\.1\d* in every row, so it has no slope$/,
    );
    expect(() => table(file("a,b\n1,1"), ["a"], "b")).toThrow(
      'column "a": there is only one row, so it has no slope',
    );
  });

  it("names a column twice", () => {
    expect(() => table(cars, ["speed"], "speed")).toThrow(
      'column "speed" is named twice, --x and --y must all differ',
    );
  });

  it("does not exist", () => {
    expect(() => table("/no/such.csv", ["a"], "b")).toThrow(
      "cannot read /no/such.csv: there is no such file",
    );
    expect(() => table(folder, ["a"], "b")).toThrow(`cannot read ${folder}: it is a directory`);
  });
});
