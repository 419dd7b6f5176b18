import { fc, test } from "@fast-check/vitest";
import { ShapeError, type Tensor, ThalwegError, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { huberLoss, type LossOptions, l1Loss, mseLoss, type Reduction, smoothL1Loss } from "./index";

type Loss = (input: Tensor, target: Tensor, options?: LossOptions) => Tensor;

const losses: Record<string, Loss> = { mseLoss, l1Loss, smoothL1Loss, huberLoss };

const numbers = fc.array(
  fc.integer({ min: -3000, max: 3000 }).map((n) => n / 1000),
  { minLength: 6, maxLength: 6 },
);
const wide = (data: readonly number[]) => tensor([...data], { shape: [2, 3], dtype: "float64" });
const all = (x: Tensor) => Array.from(x.dataSync());

describe.each(Object.entries(losses))("%s", (name, loss) => {
  test.prop([numbers, numbers])("is reduced to its mean, to its sum, or not at all", (a, b) => {
    const [x, y] = [wide(a), wide(b)];
    const each = loss(x, y, { reduction: "none" });
    expect(each.shape).toEqual([2, 3]);
    expect(loss(x, y).item()).toBe(each.mean().item());
    expect(loss(x, y, { reduction: "mean" }).item()).toBe(each.mean().item());
    expect(loss(x, y, { reduction: "sum" }).item()).toBe(each.sum().item());
  });

  test.prop([numbers, numbers])("is not negative, is symmetric, and is 0 for equal tensors", (a, b) => {
    const [x, y] = [wide(a), wide(b)];
    const each = all(loss(x, y, { reduction: "none" }));
    expect(each.every((value) => value >= 0)).toBe(true);
    expect(all(loss(y, x, { reduction: "none" }))).toEqual(each);
    expect(loss(x, x).item()).toBe(0);
  });

  it("gives a gradient to the target, too: the opposite one", () => {
    const [x, y] = [tensor([1, -2, 0.2], { requiresGrad: true }), tensor([3, 1, 0], { requiresGrad: true })];
    loss(x, y).backward();
    expect(all(y.grad!)).toEqual(all(x.grad!.neg()));
  });

  it("refuses shapes that differ, even where they would broadcast", () => {
    const message = (a: string, b: string) =>
      `${name}: input and target differ in shape, ${a} and ${b}; ` +
      "reshape one of them, or expand it if repeating it is meant";
    expect(() => loss(zeros([4, 1]), zeros([4]))).toThrow(ShapeError);
    expect(() => loss(zeros([4, 1]), zeros([4]))).toThrow(message("[4, 1]", "[4]"));
    expect(() => loss(zeros([2]), zeros([]))).toThrow(message("[2]", "[]"));
  });

  it("refuses a reduction that does not exist", () => {
    expect(() => loss(zeros([2]), zeros([2]), { reduction: "median" as Reduction })).toThrow(ThalwegError);
    expect(() => loss(zeros([2]), zeros([2]), { reduction: "median" as Reduction })).toThrow(
      `${name}: reduction must be "mean" or "sum" or "none", got "median"; call it as ${name}(`,
    );
  });

  it("of nothing is NaN as a mean and 0 as a sum", () => {
    expect(loss(zeros([0]), zeros([0])).item()).toBeNaN();
    expect(loss(zeros([0]), zeros([0]), { reduction: "sum" }).item()).toBe(0);
  });

  it("stays finite far from the target, gradient included", () => {
    const x = tensor([1e4, -1e4], { requiresGrad: true });
    const value = loss(x, zeros([2]));
    value.backward();
    expect(Number.isFinite(value.item())).toBe(true);
    expect(all(x.grad!).every(Number.isFinite)).toBe(true);
  });
});

describe("values", () => {
  it("are those of the formulas", () => {
    const [x, y] = [tensor([0, 0.5, -3]), zeros([3])];
    const each = (loss: Loss, options: object = {}) => all(loss(x, y, { reduction: "none", ...options }));
    expect(each(mseLoss)).toEqual([0, 0.25, 9]);
    expect(each(l1Loss)).toEqual([0, 0.5, 3]);
    expect(each(smoothL1Loss)).toEqual([0, 0.125, 2.5]);
    expect(each(smoothL1Loss, { beta: 2 })).toEqual([0, 0.0625, 2]);
    expect(each(huberLoss)).toEqual([0, 0.125, 2.5]);
    expect(each(huberLoss, { delta: 2 })).toEqual([0, 0.125, 4]);
  });

  const size = fc.integer({ min: 1, max: 40 }).map((n) => n / 10);

  test.prop([numbers, numbers, size])("of huberLoss are those of smoothL1Loss, scaled", (a, b, delta) => {
    const [x, y] = [wide(a), wide(b)];
    const huber = all(huberLoss(x, y, { delta, reduction: "none" }));
    const smooth = all(smoothL1Loss(x, y, { beta: delta, reduction: "none" }));
    huber.forEach((value, i) => {
      expect(Math.abs(value - delta * smooth[i]!)).toBeLessThan(1e-12);
    });
  });

  it("of smoothL1Loss without a parabola are those of l1Loss, gradient included", () => {
    const [x, z] = [tensor([1, -2, 0], { requiresGrad: true }), tensor([1, -2, 0], { requiresGrad: true })];
    const [a, b] = [smoothL1Loss(x, zeros([3]), { beta: 0 }), l1Loss(z, zeros([3]))];
    expect(a.item()).toBe(b.item());
    a.backward();
    b.backward();
    expect(all(x.grad!)).toEqual(all(z.grad!));
  });

  it("of beta and delta that make no parabola are refused", () => {
    expect(() => smoothL1Loss(zeros([1]), zeros([1]), { beta: -1 })).toThrow(
      "smoothL1Loss: beta must be a number from 0 on, got -1; call it as smoothL1Loss(",
    );
    expect(() => huberLoss(zeros([1]), zeros([1]), { delta: 0 })).toThrow(
      "huberLoss: delta must be a number above 0, got 0; call it as huberLoss(",
    );
  });
});
