import { mseLoss } from "@thalweg/losses";
import { Module } from "@thalweg/nn";
import { ArgumentError, pointwise, ShapeError, type Tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { forgetOperations } from "../test/forget-operations";
import { type LossLawOptions, lossLaws, type TestedLoss } from "./index";

forgetOperations();

interface Options {
  readonly reduction?: string;
}

const shape = [4, 3];

/** The laws that a loss breaks, without its name. */
async function broken(loss: TestedLoss, options: LossLawOptions = {}): Promise<string[]> {
  const found: string[] = [];
  for (const { name, run } of lossLaws(loss, [{ shape }, { shape }], options)) {
    await run().catch(() => found.push(name.slice(name.indexOf(" ") + 1)));
  }
  return found;
}

const laws = {
  reductions: "has reductions that agree",
  refused: "refuses inputs that do not fit, by name",
  gradients: "has the gradients of finite differences",
  finite: "is finite at extremes, and so are its gradients",
  nothing: "accepts an empty batch",
  strided: "gives the same bits for strided and dense inputs",
  compiled: "gives the same bits when it is compiled",
  untouched: "writes to none of its inputs",
} as const;

const difference = (x: Tensor, y: Tensor) => x.sub(y);

/** A user's loss: the losses of `compute`, checked and reduced correctly. */
function lossOf(compute: (x: Tensor, y: Tensor) => Tensor) {
  return function own(x: Tensor, y: Tensor, { reduction = "mean" }: Options = {}): Tensor {
    if (String(x.shape) !== String(y.shape)) {
      throw new ShapeError(
        "own",
        `shapes differ, [${x.shape.join(", ")}] and [${y.shape.join(", ")}]`,
        "make them equal",
      );
    }
    if (!["mean", "sum", "none"].includes(reduction)) {
      throw new ArgumentError("own", `there is no reduction ${reduction}`, "use mean");
    }
    const losses = compute(x, y);
    return reduction === "none" ? losses : reduction === "sum" ? losses.sum() : losses.mean();
  };
}

describe("the laws of losses", () => {
  it("hold for a user's correct loss", async () => {
    expect(await broken(lossOf((x, y) => difference(x, y).square()))).toEqual([]);
  });

  it("hold for a module, with its name", async () => {
    class SquaredError extends Module {
      constructor(readonly options: object) {
        super();
      }
      override forward(x: Tensor, y: Tensor): Tensor {
        return mseLoss(x, y, this.options);
      }
    }
    const loss = (x: Tensor, y: Tensor, options: object) => new SquaredError(options).forward(x, y);
    expect(await broken(loss, { name: "mseLoss" })).toEqual([]);
  });

  it("have names that begin with that of the loss", () => {
    const names = lossLaws(mseLoss, [{ shape }, { shape }]).map(({ name }) => name);
    expect(names).toEqual(Object.values(laws).map((law) => `mseLoss ${law}`));
  });

  it("catch reductions that do not agree, or have another shape", async () => {
    const square = (x: Tensor, y: Tensor) => difference(x, y).square();
    const right = lossOf(square);
    const halved = (x: Tensor, y: Tensor, options: Options = {}) =>
      options.reduction === "sum" ? right(x, y, options).mul(0.5) : right(x, y, options);
    const summed = (x: Tensor, y: Tensor, { reduction = "sum" }: Options = {}) => right(x, y, { reduction });
    const kept = (x: Tensor, y: Tensor, options: Options = {}) =>
      options.reduction === "none" ? right(x, y, options) : right(x, y, options).reshape([1]);
    expect(await broken(halved, { name: "own" })).toEqual([laws.reductions]);
    expect(await broken(summed, { name: "own" })).toEqual([laws.reductions]);
    expect(await broken(kept, { name: "own" })).toEqual([laws.reductions, laws.nothing]);
    expect(await broken(right, { shape: [4] })).toEqual([laws.reductions, laws.nothing]);
    expect(await broken(right, { divisor: (x: Tensor) => x.shape[0]! })).toEqual([laws.reductions]);
  });

  it("catch a loss that accepts any shapes, or errors without its name or both sides", async () => {
    const right = lossOf((x, y) => difference(x, y).square());
    const cut = (x: Tensor, y: Tensor, options: Options) =>
      right(x, y.shape[0] === 5 ? y.narrow(0, 0, 4) : y, options);
    expect(await broken(cut, { name: "own" })).toContain(laws.refused);
    expect(await broken(right, { name: "other" })).toEqual([laws.refused]);
    const vague = (x: Tensor, y: Tensor, options: Options) => {
      if (String(x.shape) !== String(y.shape))
        throw new ShapeError("own", "shapes differ", "make them equal");
      return right(x, y, options);
    };
    expect(await broken(vague, { name: "own" })).toEqual([laws.refused]);
    const crude = (x: Tensor, y: Tensor, options: Options) => {
      if (String(x.shape) !== String(y.shape)) throw new Error("own: [4, 3] and [5, 3] differ");
      return right(x, y, options);
    };
    expect(await broken(crude, { name: "own" })).toEqual([laws.refused]);
    expect(
      await broken(right, {
        refuses: [
          [
            [2, 3],
            [2, 3],
          ],
        ],
      }),
    ).toEqual([laws.refused]);
  });

  it("catch a loss that accepts any reduction", async () => {
    const right = lossOf((x, y) => difference(x, y).square());
    const lenient = (x: Tensor, y: Tensor, { reduction = "mean" }: Options = {}) =>
      right(x, y, { reduction: reduction === "average" ? "mean" : reduction });
    expect(await broken(lenient, { name: "own" })).toEqual([laws.refused]);
  });

  it("catch a wrong gradient", async () => {
    const squared = pointwise("squared", (x) => x.mul(x), { gradient: (g, _, x) => [g.mul(x!)] });
    expect(await broken(lossOf((x, y) => squared(difference(x, y))))).toEqual([laws.gradients]);
  });

  it("catch a loss or a gradient that is not finite at extremes", async () => {
    expect(await broken(lossOf((x, y) => difference(x, y).exp()))).toEqual([laws.finite]);
    const root = lossOf((x, y) => difference(x, y).mul(1e-30).square().add(1).sqrt().sub(1).sqrt());
    expect(await broken(root)).toContain(laws.finite);
  });

  it("catch a mean of no losses that is a number", async () => {
    const right = lossOf((x, y) => difference(x, y).square());
    const zero = (x: Tensor, y: Tensor, options: Options) =>
      x.size === 0 && options?.reduction !== "none"
        ? right(x, y, { reduction: "sum" })
        : right(x, y, options);
    expect(await broken(zero, { name: "own" })).toEqual([laws.nothing]);
    const cut = (x: Tensor, y: Tensor, options: Options) =>
      x.size === 0 ? right(x.detach(), y.detach(), options) : right(x, y, options);
    expect(await broken(cut, { name: "own" })).toEqual([laws.nothing]);
  });

  it("catch a loss that reads the storage of its inputs, or writes to them", async () => {
    const raw = lossOf((x, y) =>
      difference(x, y)
        .square()
        .add(x.isContiguous() ? 0 : 1),
    );
    expect(await broken(raw, { numRuns: 20 })).toEqual([laws.strided]);
    const writing = lossOf((x, y) => {
      const losses = difference(x.clone(), y.clone()).square();
      y.detach().mul_(2);
      return losses;
    });
    expect(await broken(writing)).toContain(laws.untouched);
  });

  it("refuse what they cannot test", () => {
    const arrow = [(x: Tensor) => x][0]!;
    expect(() => lossLaws(arrow, [{ shape }])).toThrow(ArgumentError);
    expect(() => lossLaws(arrow, [{ shape }])).toThrow(
      "lossLaws: the loss has no name; give it one among the options",
    );
    expect(() => lossLaws(mseLoss, [{ shape, batchDim: 2 }])).toThrow(
      "lossLaws: input 0 has no dimension 2, its shape is [4, 3]; give another batchDim, or null where there is no batch",
    );
  });
});
