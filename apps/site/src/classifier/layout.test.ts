import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { layoutOf } from "./layout";
import { limits } from "./settings";

const layers = fc.array(fc.integer({ min: 1, max: limits.neurons }), { maxLength: limits.layers });

test.prop([fc.integer({ min: 250, max: 1200 }), layers])(
  "tiles of a network do not touch each other, nor the ends of the drawing",
  (screen, layers) => {
    const { width, height, tile, columns } = layoutOf(screen, layers);
    expect(columns.map(({ ys }) => ys.length)).toEqual([7, ...layers, 1]);
    expect(width).toBeGreaterThanOrEqual(screen);
    columns.forEach(({ x, ys }, i) => {
      expect(x - tile / 2).toBeGreaterThanOrEqual(0);
      expect(x + tile / 2).toBeLessThanOrEqual(width);
      if (i > 0) expect(x - columns[i - 1]!.x).toBeGreaterThanOrEqual(1.5 * tile);
      ys.forEach((y, j) => {
        expect(y + tile / 2).toBeLessThanOrEqual(height);
        if (j > 0) expect(y - ys[j - 1]!).toBeGreaterThan(tile);
      });
    });
  },
);

test("a network of two layers needs no more than a phone", () => {
  expect(layoutOf(328, [8, 8]).width).toBe(328);
});
