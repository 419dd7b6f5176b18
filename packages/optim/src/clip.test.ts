import { fc, test } from "@fast-check/vitest";
import { type Tensor, ThalwegError, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { clipGradNorm_, clipGradValue_ } from "./index";

function withGrad(...grad: number[]): Tensor {
  const w = tensor(
    grad.map(() => 0),
    { requiresGrad: true },
  );
  w.grad = tensor(grad);
  return w;
}

const numbers = fc.array(
  fc.integer({ min: -5000, max: 5000 }).map((n) => n / 1000),
  { minLength: 1, maxLength: 5 },
);

describe("clipGradNorm_", () => {
  test.prop([numbers, numbers, fc.integer({ min: 1, max: 80 }).map((n) => n / 10)])(
    "scales all gradients alike so that their common norm is at most the given one",
    (a, b, maxNorm) => {
      const params = [withGrad(...a), withGrad(...b)];
      const before = Math.hypot(...a, ...b);
      expect(clipGradNorm_(params, maxNorm).item()).toBeCloseTo(before, 3);
      const after = Math.hypot(...params.flatMap((w) => w.grad!.toArray() as number[]));
      expect(after).toBeLessThanOrEqual(maxNorm * (1 + 1e-5));
      const scale = Math.min(1, maxNorm / (before + 1e-6));
      [...a, ...b].forEach((value, i) => {
        const scaled = params.flatMap((w) => w.grad!.toArray() as number[])[i]!;
        expect(Math.abs(scaled - value * scale)).toBeLessThan(1e-5 * (1 + Math.abs(value)));
      });
    },
  );

  it("measures by other norms, too", () => {
    expect(clipGradNorm_([withGrad(3, -4)], 10, { normType: 1 }).item()).toBe(7);
    expect(
      clipGradNorm_([withGrad(3), withGrad(-4)], 10, { normType: Number.POSITIVE_INFINITY }).item(),
    ).toBe(4);
  });

  it("takes one tensor, an iterable, and parameters without a gradient", () => {
    const w = withGrad(3, 4);
    expect(clipGradNorm_(w, 1).item()).toBe(5);
    expect(w.grad!.norm().item()).toBeCloseTo(1, 5);
    const none = tensor([1], { requiresGrad: true });
    expect(clipGradNorm_(new Set([withGrad(2), none]), 5).item()).toBe(2);
    expect(clipGradNorm_([none], 1).item()).toBe(0);
  });

  it("writes into the existing gradients, and records nothing", () => {
    const w = withGrad(3, 4);
    const { grad } = w;
    expect(clipGradNorm_(w, 1).requiresGrad).toBe(false);
    expect(w.grad).toBe(grad);
  });

  it("refuses a norm that is not finite with errorIfNonfinite, before anything is scaled", () => {
    const w = withGrad(1, Number.NaN);
    const clip = () => clipGradNorm_([w], 1, { errorIfNonfinite: true });
    expect(clip).toThrow(ThalwegError);
    expect(clip).toThrow("clipGradNorm_: the norm is NaN; look for the first NaN with detectAnomaly");
    expect(w.grad!.toArray()).toEqual([1, Number.NaN]);
    expect(() => clipGradNorm_([withGrad(Number.POSITIVE_INFINITY)], 1, { errorIfNonfinite: true })).toThrow(
      "clipGradNorm_: the norm is Infinity",
    );
    expect(clipGradNorm_([w], 1).item()).toBeNaN();
  });
});

describe("invalid limits", () => {
  it.each([-1, Number.NaN, "1", null, undefined])("as %o are refused before anything is scaled", (limit) => {
    const w = withGrad(3, 4);
    const given =
      limit === undefined ? "nothing" : JSON.stringify(limit) === "null" ? limit : JSON.stringify(limit);
    expect(() => clipGradNorm_([w], limit as number)).toThrow(
      `clipGradNorm_: maxNorm must be a number, at least 0, got ${given}; call it as clipGradNorm_(params, maxNorm, `,
    );
    expect(() => clipGradValue_([w], limit as number)).toThrow(
      `clipGradValue_: clipValue must be a number, at least 0, got ${given}; call it as clipGradValue_(params, clipValue)`,
    );
    expect(w.grad!.toArray()).toEqual([3, 4]);
  });

  it("as an order of the norm are refused", () => {
    for (const normType of [0, -1, Number.NaN, "2"]) {
      expect(() => clipGradNorm_([withGrad(1)], 1, { normType: normType as number })).toThrow(
        "clipGradNorm_: normType must be a number above 0, got ",
      );
    }
    expect(() => clipGradNorm_([withGrad(1)], 1, { norm: 1 } as object)).toThrow(
      'clipGradNorm_: there is no option "norm"; options: normType, errorIfNonfinite',
    );
    expect(() => clipGradNorm_([withGrad(1)], 1, 2 as never)).toThrow(
      "clipGradNorm_: options must be an object of options, got 2; ",
    );
  });

  it("do not include 0 and Infinity", () => {
    const w = withGrad(3, 4);
    expect(clipGradNorm_([w], Number.POSITIVE_INFINITY).item()).toBe(5);
    clipGradValue_([w], Number.POSITIVE_INFINITY);
    expect(w.grad!.toArray()).toEqual([3, 4]);
    clipGradNorm_([w], 0);
    expect(w.grad!.toArray()).toEqual([0, 0]);
  });
});

it("clips pairs of name and tensor, and refuses other things by name", () => {
  const w = withGrad(3, 4);
  const named = new Map([["layer.weight", w]]);
  expect(clipGradNorm_(named.entries(), 1).item()).toBe(5);
  clipGradValue_(named, 0.5);
  expect(w.grad!.toArray()).toEqual([0.5, 0.5]);
  const model = { parameters: () => [w] };
  expect(() => clipGradNorm_(model as never, 1)).toThrow(
    "clipGradNorm_: params must be tensors in an array or another iterable, got an object; pass model.parameters()",
  );
  expect(() => clipGradValue_([w, 5] as never, 1)).toThrow(
    "clipGradValue_: params[1] is not a tensor, got 5; pass tensors, or pairs of name and tensor",
  );
});

describe("clipGradValue_", () => {
  it("limits every element of every gradient, in place", () => {
    const [a, b] = [withGrad(-3, 0.5), withGrad(2)];
    const { grad } = a;
    clipGradValue_([a, b], 1);
    expect(a.grad).toBe(grad);
    expect([a, b].map((w) => w.grad!.toArray())).toEqual([[-1, 0.5], [1]]);
    clipGradValue_(b, 0.25);
    expect(b.grad!.toArray()).toEqual([0.25]);
  });
});
