import { describe, expect, it } from "vitest";
import { readCsv } from "./read-csv";

describe("readCsv takes time linear in the size of the text, for", () => {
  const many = 100_000;
  const names = Array.from({ length: many }, (_, k) => `n${k}`);
  const numbered = names.map((_, k) => k);

  it.each<[string, () => void]>([
    ["80,000 digits and an x", () => expect(() => readCsv(`a\n${"1".repeat(80_000)}x`)).toThrow("is not")],
    [
      "as many that are grouped",
      () =>
        expect(() => readCsv(`a\n1${"'111".repeat(20_000)}x`, { thousands: "'" })).toThrow("is not a number"),
    ],
    ["spaces", () => expect(() => readCsv(`a\n1${" ".repeat(many)}x`)).toThrow("is not")],
    ["open quotes", () => expect(() => readCsv(`a\n"${'b" x'.repeat(many)}`)).toThrow("closing quote")],
    ["100,000 columns", () => expect(readCsv(`${names}\n${numbered}`).rows).toBe(1)],
    [
      "100,000 columns that are named",
      () => {
        const table = readCsv(`${names}\n${numbered}`, { columns: [...names].reverse() });
        expect(names.every((name) => table.column(name).shape[0] === 1)).toBe(true);
      },
    ],
    [
      "100,000 categories",
      () => expect(readCsv(names.join("\n"), { categories: ["n0"] }).rows).toBe(many - 1),
    ],
    [
      "100,000 categories that are given",
      () => expect(readCsv("a\nn5", { categories: { a: names } }).data.item()).toBe(5),
    ],
    [
      "100,000 rules",
      () => {
        const missing = Object.fromEntries(names.map((name) => [name, "mean" as const]));
        expect(readCsv(`${names}\n${numbered}`, { missing }).rows).toBe(1);
      },
    ],
    ["100,000 lines in a cell", () => expect(() => readCsv(`a\n"${"\n".repeat(many)}x"`)).toThrow("is not")],
  ])("%s", (_, read) => {
    // The processor's time, which leaves out what other processes do.
    const before = process.cpuUsage();
    read();
    expect(process.cpuUsage(before).user).toBeLessThan(10e6);
  });
});
