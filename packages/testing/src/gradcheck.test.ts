import { defineFunction } from "@thalweg/autograd";
import { GradientError, pointwise, type Tensor, tensor, where } from "@thalweg/tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { forgetOperations } from "../test/forget-operations";
import { gradcheck, gradgradcheck, tensors } from "./index";

forgetOperations();

/** x³ with a gradient that forgets the factor 3. */
const wrongCube = defineFunction({
  name: "wrongCube",
  forward: (x: Tensor) => x.pow(3),
  backward: (g, { inputs: [x] }) => g.mul(x.square()),
});

/** x·y with a gradient that is wrong in a single element. */
const almostProduct = defineFunction({
  name: "almostProduct",
  forward: (x: Tensor, y: Tensor) => x.mul(y),
  backward: (g, { inputs: [x, y] }) => {
    const spot = tensor(
      [
        [0, 0, 0],
        [0, 0.25, 0],
      ],
      { dtype: g.dtype },
    );
    return [g.mul(y), g.mul(x).add(spot)];
  },
});

function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

/** The two gradients that a message compares: of a weighted sum of the results. */
function valuesOf(message: string): [analytic: number, numeric: number] {
  const [, analytic, numeric] = /analytic (\S+), numeric (\S+);/.exec(message)!;
  return [Number(analytic), Number(numeric)];
}

describe("gradcheck", () => {
  it("passes a correct gradient and reports how much it compared", () => {
    expect(gradcheck((x, y) => x.matmul(y).tanh(), [tensor([[1, 2]]), tensor([[0.1], [0.2]])])).toEqual({
      compared: 4,
      kinks: 0,
    });
    expect(gradcheck((x) => x.sum(), [tensor([])])).toEqual({ compared: 0, kinks: 0 });
  });

  it("refuses a wrong one", () => {
    expect(() => gradcheck(wrongCube, [tensor([1, 2])])).toThrow(GradientError);
    const message = messageOf(() => gradcheck(wrongCube, [tensor([2])]));
    const [analytic, numeric] = valuesOf(message);
    expect(message).toMatch(/^gradcheck: the gradient is wrong, worst at input 0, element \[0\]: analytic /);
    expect(numeric / analytic).toBeCloseTo(3, 6);
  });

  it("names the worst element of the worst input, with both values", () => {
    const [x, y] = [
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      tensor([
        [1, 1, 1],
        [1, 1, 1],
      ]),
    ];
    const message = messageOf(() => gradcheck(almostProduct, [x, y]));
    expect(message).toContain("worst at input 1, element [1, 1]: analytic ");
    const [analytic, numeric] = valuesOf(message);
    expect(analytic - numeric).toBeCloseTo(0.25, 6);
  });

  it("finds a gradient that is missing, and one that is NaN", () => {
    expect(() => gradcheck((x) => x.detach().mul(2), [tensor([1])])).toThrow("analytic 0, numeric ");
    const nan = defineFunction({
      name: "nan",
      forward: (x: Tensor) => x.mul(2),
      backward: (g) => g.mul(Number.NaN),
    });
    expect(() => gradcheck(nan, [tensor([1])])).toThrow("analytic NaN, numeric ");
  });

  it("leaves out elements that sit on a kink, and counts them", () => {
    expect(gradcheck((x) => x.relu(), [tensor([-1, 0, 1])])).toEqual({ compared: 2, kinks: 1 });
    expect(gradcheck((x) => x.abs(), [tensor([0, 3])])).toEqual({ compared: 1, kinks: 1 });
  });

  it("tells slight kinks from wrong gradients", () => {
    const slight = (x: Tensor) => x.sub(1).relu().mul(0.002);
    expect(gradcheck(slight, [tensor([0, 1, 2])])).toEqual({ compared: 2, kinks: 1 });
    const steep = (x: Tensor) => x.mul(20).sin();
    expect(gradcheck(steep, [tensor([0, 1, 2])])).toEqual({ compared: 3, kinks: 0 });
    const slightlyWrong = pointwise("slightlyWrong", (x) => x.mul(20).sin(), {
      gradient: (g, _, x) => [g.mul(x!.mul(20).cos().mul(20).add(1e-3))],
    });
    expect(() => gradcheck(slightlyWrong, [tensor([0.3])])).toThrow("gradcheck: the gradient is wrong");
  });

  it.each([0.3, 30, 400])("compares where curvature jumps, by %d", (factor) => {
    const squaredHinge = (x: Tensor) => x.sub(1).relu().square().mul(factor);
    expect(gradcheck(squaredHinge, [tensor([0, 1, 2])])).toEqual({ compared: 3, kinks: 0 });
    const slightlyWrong = pointwise("slightlyWrong", (x) => x.sub(1).relu().square().mul(factor), {
      gradient: (g, _, x) => [
        g.mul(
          x!
            .sub(1)
            .relu()
            .mul(2 * factor)
            .add(5e-6),
        ),
      ],
    });
    expect(() => gradcheck(slightlyWrong, [tensor([1])])).toThrow("gradcheck: the gradient is wrong");
  });

  it("refuses to pass where every element sits on a kink, unless allowed to", () => {
    expect(() => gradcheck((x) => x.abs(), [tensor([0, 0])])).toThrow(
      "gradcheck: all 2 elements sit on kinks; check at points where the function is smooth",
    );
    expect(gradcheck((x) => x.abs(), [tensor([0])], { allowAllKinks: true })).toEqual({
      compared: 0,
      kinks: 1,
    });
  });

  it("checks only the given inputs", () => {
    const f = (x: Tensor, index: Tensor) => x.gather(0, index);
    expect(gradcheck(f, [tensor([1, 2, 3]), tensor([2, 2, 0])], { inputs: [0] }).compared).toBe(3);
    const halfWrong = defineFunction({
      name: "halfWrong",
      forward: (x: Tensor, y: Tensor) => x.mul(y),
      backward: (g, { inputs: [, y] }) => [g.mul(y), g],
    });
    gradcheck(halfWrong, [tensor([2]), tensor([3])], { inputs: [0] });
    expect(() => gradcheck(halfWrong, [tensor([2]), tensor([3])])).toThrow("worst at input 1");
  });

  it("works in float64 for any inputs, and does not change them", () => {
    const x = tensor([0.1, 0.2], { requiresGrad: true });
    gradcheck(
      (y) => {
        expect(y.dtype).toBe("float64");
        return y.square();
      },
      [x],
    );
    expect(x.grad).toBeNull();
    expect(x.toArray()).toEqual([Math.fround(0.1), Math.fround(0.2)]);
  });

  it("detects errors that a plain sum would hide", () => {
    // The rows of the gradient are swapped: any sum with equal weights stays the same.
    const exchanged = defineFunction({
      name: "exchanged",
      forward: (x: Tensor) => x.mul(2),
      backward: (g) => g.flip(0).mul(2),
    });
    expect(() => gradcheck(exchanged, [tensor([1, 2])])).toThrow("the gradient is wrong");
  });

  it("checks views, in-place writes and branches in a user's function", () => {
    const f = (x: Tensor) => {
      const y = x.mul(2);
      y.select(0, 0).mul_(x.select(0, 1));
      return where(y.gt(1), y.square(), y.transpose(0, 1));
    };
    expect(
      gradcheck(f, [
        tensor([
          [0.2, 0.9],
          [-0.5, 1.3],
        ]),
      ]).compared,
    ).toBe(4);
  });
});

describe("gradgradcheck", () => {
  it("passes a correct second derivative", () => {
    const swish = pointwise("swish", (x) => x.mul(x.sigmoid()));
    expect(gradgradcheck(swish, [tensor([0.5, -1])]).compared).toBe(4);
    gradgradcheck((x, y) => x.matmul(y), [tensor([[1, 2]]), tensor([[3], [4]])]);
  });

  it("refuses a gradient rule that is correct, but not differentiable", () => {
    const frozen = defineFunction({
      name: "frozen",
      forward: (x: Tensor) => x.pow(3),
      backward: (g, { inputs: [x] }) => g.mul(x.detach().square()).mul(3),
    });
    gradcheck(frozen, [tensor([1, 2])]);
    expect(() => gradgradcheck(frozen, [tensor([1, 2])])).toThrow("gradcheck: the gradient is wrong");
  });
});

describe("a gradient check as a property", () => {
  it("shows the shrunk counterexample, and the seed that replays it", () => {
    const property = fc.property(tensors({ minRank: 1, minExtent: 2 }), (x) => {
      gradcheck(wrongCube, [x]);
    });
    const message = messageOf(() => fc.assert(property, { seed: 42 }));
    expect(message).toContain("seed: 42");
    expect(message).toMatch(/path: "[\d:]+"/);
    // The shrunk tensor: two elements, and all but one of them 0.
    const shown = /Counterexample: \[tensor\(\[([^\]]*)\]/.exec(message);
    expect(shown, message).not.toBeNull();
    const elements = shown![1]!.split(",").map(Number);
    expect(elements).toHaveLength(2);
    expect(elements.filter((value) => value !== 0)).toHaveLength(1);
    const path = /path: "([\d:]+)"/.exec(message)![1]!;
    expect(messageOf(() => fc.assert(property, { seed: 42, path, endOnFailure: true }))).toContain(shown![0]);
  });

  it("passes for a correct function everywhere", () => {
    fc.assert(fc.property(tensors(), (x) => void gradcheck((y) => y.sin().mul(y).sum(), [x])));
  });
});
