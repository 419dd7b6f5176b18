import { tensor } from "thalweg";
import { describe, expect, it } from "vitest";
import { History } from "./history";

const step = (loss: number, w = 1, rows = 2) => ({ loss, rows, w: tensor([[w]]), b: tensor([0]) });

describe("a history", () => {
  it("weighs the losses of batches by their rows", () => {
    const history = new History(5, 3, 10, 0.1, true);
    expect(history.add(step(1))).toBeNull();
    expect(history.add(step(2))).toBeNull();
    expect(history.add(step(6, 4, 1))).toEqual({
      epoch: 1,
      loss: (2 * 1 + 2 * 2 + 6) / 5,
      parameters: { coefficients: [4], intercept: 0 },
    });
    expect([history.epochs.length, history.losses, history.last!.epoch]).toEqual([1, [2.4], 1]);
  });

  it.each<[string, number[], number, RegExp]>([
    ["is not a number", [5, Number.NaN], 1, /in epoch 2 the loss is NaN; try a smaller rate: --lr 0\.01$/],
    ["is infinite", [Number.POSITIVE_INFINITY], 1, /in epoch 1 the loss is Infinity; try/],
    ["explodes", [5, 1e6], 1, /in epoch 2 the loss is 1\.00e\+6, after 10\.0 at the start; try/],
    [
      "ends above where it started",
      [11, 15, 21],
      1,
      /in epoch 3 the loss is 21\.0, after 10\.0 at the start/,
    ],
    ["is fine, but not the weights", [5], Number.POSITIVE_INFINITY, /in epoch 1 the loss is NaN/],
  ])("notices when the loss %s", (_, losses, w, message) => {
    const history = new History(2, 3, 10, 0.1, false);
    const run = () => {
      for (const loss of losses) history.add(step(loss, w));
    };
    expect(run).toThrow(
      expect.objectContaining({ message: expect.stringMatching(message), suggestedLr: 0.01 }),
    );
  });

  it("lets the loss rise for a while", () => {
    const history = new History(2, 3, 10, 0.1, false);
    for (const loss of [30, 100, 19]) expect(history.add(step(loss))).not.toBeNull();
  });
});
