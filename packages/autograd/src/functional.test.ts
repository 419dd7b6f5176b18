import { fc, test } from "@fast-check/vitest";
import { type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { expectClose, numericGradient, random, randomLeaf } from "../test/numeric";
import { hessian, hvp, jacobian, jvp, noGrad, vjp } from "./index";

/** Functions of a vector of four, smooth, with results of several shapes. */
const functions: Record<string, (x: Tensor) => Tensor> = {
  "element by element": (x) => x.sin().mul(x),
  "a matrix": (x) => x.unsqueeze(1).mul(x.tanh()),
  "a scalar": (x) => x.square().mul(x).sum(),
  "two sums": (x) => x.reshape([2, 2]).exp().sum(0),
  softmax: (x) => x.softmax(0),
  "a product of matrices": (x) => x.reshape([2, 2]).matmul(x.reshape([2, 2]).transpose(0, 1)),
  "cumulative products": (x) => x.cumprod(0),
  "a shared middle": (x) => {
    const y = x.sigmoid();
    return y.mul(y.sum()).add(x.flip(0));
  },
  linear: (x) => x.mul(3).sub(1),
};

const scalars: Record<string, (x: Tensor) => Tensor> = {
  cubes: (x) => x.pow(3).sum(),
  "a norm": (x) => x.square().sum().add(1).sqrt(),
  logsumexp: (x) => x.logsumexp(),
  "a product": (x) => x.prod(),
  "a bilinear form": (x) =>
    x
      .reshape([2, 2])
      .matmul(x.reshape([2, 2]))
      .sin()
      .sum(),
};

const anyOf = <T>(table: Record<string, T>) =>
  fc.constantFrom(...Object.keys(table)).map((name) => [name, table[name]!] as const);
const seed = fc.nat({ max: 10_000 });

function dot(a: Tensor, b: Tensor): number {
  return a.mul(b).sum().item();
}

describe("products with the Jacobian", () => {
  test.prop([anyOf(functions), seed])("agree with each other: u·(J·v) = (uᵀ·J)·v", ([, f], from) => {
    const [x, v] = [random([4], from), random([4], from + 1)];
    const [value, pushed] = jvp(f, x, v);
    const u = random(value.shape, from + 2);
    const [same, pulled] = vjp(f, x, u);
    expect(same.toArray()).toEqual(value.toArray());
    expect(pushed.shape).toEqual(value.shape);
    expect(pulled.shape).toEqual(x.shape);
    expect(Math.abs(dot(u, pushed) - dot(pulled, v))).toBeLessThan(1e-10 * (1 + Math.abs(dot(u, pushed))));
  });

  test.prop([anyOf(functions), seed], { numRuns: 50 })(
    "are products with the matrix that jacobian gives",
    ([, f], from) => {
      const [x, v] = [random([4], from), random([4], from + 1)];
      const matrix = jacobian(f, x);
      const [value, pushed] = jvp(f, x, v);
      expect(matrix.shape).toEqual([...value.shape, 4]);
      const rows = matrix.reshape([value.size, 4]);
      expectClose(pushed, rows.matmul(v).dataSync(), 1e-10);
      const u = random(value.shape, from + 2);
      expectClose(vjp(f, x, u)[1], u.reshape([value.size]).matmul(rows).dataSync(), 1e-10);
    },
  );

  test.prop([anyOf(functions), seed], { numRuns: 50 })("agree with differences", ([, f], from) => {
    const [x, v] = [random([4], from), random([4], from + 1)];
    const eps = 1e-6;
    const along = f(x.add(v.mul(eps)))
      .sub(f(x.sub(v.mul(eps))))
      .div(2 * eps);
    expectClose(jvp(f, x, v)[1], along.dataSync(), 1e-6);
  });

  it("need no vector where the value is a scalar", () => {
    const [value, gradient] = vjp((x) => x.square().sum(), tensor([1, 2]));
    expect(value.item()).toBe(5);
    expect(gradient.toArray()).toEqual([2, 4]);
    expect(() => vjp((x) => x.square(), tensor([1, 2]))).toThrow(
      "vjp: only a scalar has a gradient by itself",
    );
  });

  it("are zero where the value does not depend on the input", () => {
    const constant = () => tensor([5, 6]);
    expect(vjp(constant, tensor([1, 2, 3]), tensor([1, 1]))[1].toArray()).toEqual([0, 0, 0]);
    expect(jvp(constant, tensor([1, 2, 3]), tensor([1, 1, 1]))[1].toArray()).toEqual([0, 0]);
    expect(jacobian(constant, tensor([1, 2, 3])).toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(jvp((x) => x.floor(), tensor([1.5]), tensor([1]))[1].toArray()).toEqual([0]);
  });

  it("take the input itself, and views of it, as the value", () => {
    const x = tensor([1, 2]);
    expect(vjp((y) => y, x, tensor([3, 4]))[1].toArray()).toEqual([3, 4]);
    expect(jvp((y) => y.flip(0), x, tensor([3, 4]))[1].toArray()).toEqual([4, 3]);
    expect(jacobian((y) => y, x).toArray()).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  it("work inside of noGrad and leave no trace on their input", () => {
    const x = randomLeaf([3], 1);
    const [value, product] = noGrad(() => vjp((y) => y.exp().sum(), x));
    expect([value.requiresGrad, product.requiresGrad]).toEqual([false, false]);
    expect(x.grad).toBeNull();
    expect(jvp((y) => y.exp(), x, x.detach()).some((y) => y.requiresGrad)).toBe(false);
  });

  it("are recorded when asked to be", () => {
    const x = tensor([2], { requiresGrad: true });
    const [, product] = vjp((y) => y.pow(3).sum(), x, undefined, { createGraph: true });
    product.sum().backward();
    expect(x.grad!.item()).toBe(12);
    const y = tensor([2], { requiresGrad: true });
    const [, pushed] = jvp((z) => z.pow(3), y, tensor([1]), { createGraph: true });
    pushed.sum().backward();
    expect(y.grad!.item()).toBe(12);
  });
});

describe("jacobian", () => {
  it("has the shape of the value, then that of the input", () => {
    const x = random([2, 3], 5);
    const full = jacobian((y) => y.sum(1), x);
    expect(full.shape).toEqual([2, 2, 3]);
    expect(full.toArray()).toEqual([
      [
        [1, 1, 1],
        [0, 0, 0],
      ],
      [
        [0, 0, 0],
        [1, 1, 1],
      ],
    ]);
    expect(jacobian((y) => y.sum(), x).shape).toEqual([2, 3]);
    expect(jacobian((y) => y.narrow(0, 0, 0), x).shape).toEqual([0, 3, 2, 3]);
  });
});

describe("second derivatives", () => {
  test.prop([anyOf(scalars), seed], { numRuns: 50 })(
    "are symmetric, and the differences of the gradient",
    ([, f], from) => {
      const x = random([4], from);
      const matrix = hessian(f, x);
      expect(matrix.shape).toEqual([4, 4]);
      expectClose(matrix, matrix.transpose(0, 1).dataSync(), 1e-9);
      for (let i = 0; i < 4; i++) {
        const component = (at: Tensor) => vjp(f, at)[1].select(0, i);
        expectClose(matrix.select(0, i), numericGradient(component, x), 1e-5);
      }
    },
  );

  test.prop([anyOf(scalars), seed], { numRuns: 50 })(
    "times a vector are what hvp gives without them",
    ([, f], from) => {
      const [x, v] = [random([4], from), random([4], from + 1)];
      const [value, product] = hvp(f, x, v);
      expect(value.item()).toBe(f(x).item());
      expectClose(product, hessian(f, x).matmul(v).dataSync(), 1e-9);
    },
  );

  it("of functions that are linear, constant or do not use x are zero", () => {
    const x = tensor([1, 2]);
    for (const f of [(y: Tensor) => y.sum(), (y: Tensor) => y.floor().sum(), () => tensor(3)]) {
      expect(hessian(f, x).toArray()).toEqual([
        [0, 0],
        [0, 0],
      ]);
      expect(hvp(f, x, x)[1].toArray()).toEqual([0, 0]);
    }
  });

  it("of a quadratic form is its matrix, doubled", () => {
    const a = tensor([
      [2, 1],
      [1, 3],
    ]);
    expect(hessian((x) => x.matmul(a).mul(x).sum(), tensor([5, -1])).toArray()).toEqual([
      [4, 2],
      [2, 6],
    ]);
  });
});
