import { describe, expect, it } from "vitest";
import { Report, table } from "./report";

const confusion: number[][] = Array.from({ length: 10 }, (_, digit) =>
  Array.from({ length: 10 }, (_, k) => (k === digit ? 20 : 0)),
);
confusion[3]![5] = 4;
confusion[3]![8] = 1;
for (const guess of [0, 1, 2, 4, 5]) confusion[9]![guess] = 6 - guess;

describe("the table", () => {
  it("shows for each digit how many were right, and which digits the others were taken for", () => {
    const lines = table(confusion);
    expect(lines[0]).toBe("digit  images  right  accuracy  taken for");
    expect(lines[1]).toBe("    0      20     20  100.00 %");
    expect(lines[4]).toBe("    3      25     20   80.00 %  5 (4), 8");
    expect(lines[10]).toBe("    9      38     20   52.63 %  0 (6), 1 (5), 2 (4), 4 (2), ...");
    expect(lines.length).toBe(11);
  });
});

describe("the bar", () => {
  const session = { epoch: 2, sums: { images: 1000, loss: 321, correct: 950 } };
  const report = new Report(session as ConstructorParameters<typeof Report>[0], 10);

  it("shortens its text step by step", () => {
    const moment = { percent: "23%", done: 17000, rate: 12345.6, left: "9s left" };
    expect(report.bar(moment).map((parts) => parts.join("  "))).toEqual([
      "23%  epoch 3/10  loss 0.3210  accuracy 95.00 %  12,346 images/s  9s left",
      "23%  epoch 3/10  loss 0.3210  12,346 images/s  9s left",
      "23%  loss 0.3210  9s left",
      "23%  9s left",
      "23%",
    ]);
  });
});
