import { fc, test } from "@fast-check/vitest";
import { tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { Adam, AdamW } from "./index";

const magnitude = fc.integer({ min: -6, max: 6 }).map((n) => 10 ** n);

describe("Adam", () => {
  test.prop([magnitude, fc.boolean(), fc.boolean(), fc.constantFrom(0.1, 0.01)])(
    "moves by the rate at every step of a constant gradient, however large that is",
    (size, negative, amsgrad, lr) => {
      const w = tensor([1], { requiresGrad: true, dtype: "float64" });
      const optimizer = new Adam([w], { lr, amsgrad, eps: 1e-20 });
      const sign = negative ? -1 : 1;
      for (let step = 1; step <= 20; step++) {
        w.grad = tensor([sign * size], { dtype: "float64" });
        optimizer.step();
        expect(w.item()).toBeCloseTo(1 - sign * lr * step, 10);
      }
    },
  );

  it("adds eps to the root, after the correction for the bias", () => {
    const w = tensor([0], { requiresGrad: true, dtype: "float64" });
    w.grad = tensor([3], { dtype: "float64" });
    new Adam([w], { lr: 1, eps: 1 }).step();
    // First step: m/(1 - β₁) = 3 and √(v/(1 - β₂)) = 3.
    expect(w.item()).toBeCloseTo(-3 / (3 + 1), 12);
  });

  it("adds weight decay to the gradient, where AdamW subtracts it from the parameter", () => {
    const run = (Class: typeof Adam) => {
      const w = tensor([10], { requiresGrad: true, dtype: "float64" });
      w.grad = tensor([0], { dtype: "float64" });
      new Class([w], { lr: 0.1, weightDecay: 0.5 }).step();
      return w.item();
    };
    expect(run(Adam)).toBeCloseTo(10 - 0.1, 6);
    expect(run(AdamW)).toBeCloseTo(10 - 0.1 * 0.5 * 10, 12);
  });

  it("climbs with maximize", () => {
    const w = tensor([0], { requiresGrad: true });
    w.grad = tensor([5]);
    new Adam([w], { lr: 0.5, maximize: true }).step();
    expect(w.item()).toBeCloseTo(0.5, 6);
  });
});
