import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { plotLoss } from "./plot";

const losses = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 400 });

describe("the loss curve", () => {
  test.prop([losses, fc.integer({ min: 30, max: 200 })])("fits into the terminal", (values, columns) => {
    const lines = plotLoss(values, columns);
    for (const text of lines) expect(text.length).toBeLessThanOrEqual(columns);
  });

  it("goes down from left to right", () => {
    expect(plotLoss([8, 4, 2, 1], 30)).toMatchInlineSnapshot(`
      [
        "loss by epoch",
        " ▲",
        "8┤━━━━━┓",
        " │     ┃",
        " │     ┃",
        "6┤     ┃",
        " │     ┃",
        "4┤     ┗━━━━┓",
        " │          ┃",
        " │          ┃",
        "2┤          ┗━━━━━┓",
        " │                ┃",
        " │                ┗━",
        "0┤",
        " └┬─────┬──────────┬▶",
        "  1     2          4",
      ]
    `);
  });

  it("can be flat, or very long", () => {
    expect(plotLoss([0, 0, 0], 40).length).toBeGreaterThan(10);
    const long = Float64Array.from({ length: 300_000 }, (_, i) => 1 / (i + 1));
    expect(plotLoss([...long], 80).join("\n")).toContain("100000");
  });
});
