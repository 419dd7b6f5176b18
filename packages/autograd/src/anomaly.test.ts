import { type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { detectAnomaly } from "./index";

/** A loss whose gradient is 0·∞ at 0: the mask comes after the square root. */
function masked(x: Tensor): Tensor {
  return x
    .sqrt()
    .mul(tensor([0, 1]))
    .sum();
}

const leaf = () => tensor([0, 4], { requiresGrad: true });

describe("detectAnomaly", () => {
  it("names the operation whose gradient is NaN, and where it was called", () => {
    let message = "";
    try {
      detectAnomaly(() => masked(leaf()).backward());
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain("backward: the gradient of sqrt holds NaN; it was computed here:");
    expect(message).toContain("anomaly.test.ts");
    expect(message).toContain("masked");
  });

  it("is what reports it: without it the NaN arrives silently", () => {
    const x = leaf();
    masked(x).backward();
    expect(x.grad!.toArray()).toEqual([Number.NaN, 0.25]);
  });

  it("says so when the operation was recorded before it was turned on", () => {
    const loss = masked(leaf());
    expect(() => detectAnomaly(() => loss.backward())).toThrow("(outside of detectAnomaly)");
  });

  it("returns what its body returns, and is off afterwards, even after an error", () => {
    expect(detectAnomaly(() => 5)).toBe(5);
    expect(() =>
      detectAnomaly(() => {
        throw new Error("from inside");
      }),
    ).toThrow("from inside");
    expect(() => masked(leaf()).backward()).not.toThrow();
  });

  it("accepts infinities", () => {
    const x = tensor([0], { requiresGrad: true });
    detectAnomaly(() => x.sqrt().sum().backward());
    expect(x.grad!.item()).toBe(Number.POSITIVE_INFINITY);
  });
});
