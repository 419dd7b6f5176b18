import { fc, test } from "@fast-check/vitest";
import { type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { LBFGS, type LBFGSOptions } from "./index";

const leaf = (data: readonly number[]) => tensor([...data], { requiresGrad: true, dtype: "float64" });

/** Rosenbrock's valley over several parameters, and the number of its evaluations. */
function valley(optimizer: { zeroGrad(): void }, params: readonly Tensor[]) {
  const count = { evaluations: 0 };
  const closure = () => {
    count.evaluations++;
    optimizer.zeroGrad();
    const parts = params.flatMap((x) => x.unbind(0));
    const terms = parts.slice(1).map((y, i) => {
      const x = parts[i]!;
      return x.sub(1).square().add(y.sub(x.square()).square().mul(100));
    });
    const loss = terms.reduce((a, b) => a.add(b));
    loss.backward();
    return loss;
  };
  return Object.assign(closure, { count });
}

const start = [[-1.2, 1], [0.5]];
const end = (params: readonly Tensor[]) => params.map((x) => x.toArray());

function run(options: Partial<LBFGSOptions>, steps: number): Tensor[] {
  const params = start.map(leaf);
  const optimizer = new LBFGS(params, options);
  const closure = valley(optimizer, params);
  for (let i = 0; i < steps; i++) optimizer.step(closure);
  return params;
}

const number = fc.integer({ min: -20, max: 20 }).map((n) => n / 8);

describe("LBFGS", () => {
  it("finds the end of Rosenbrock's valley, with and without a line search", () => {
    for (const params of [
      run({ lineSearchFn: "strongWolfe", maxIter: 100 }, 1),
      run({ lineSearchFn: "strongWolfe", maxIter: 5, historySize: 4 }, 60),
      run({ lr: 0.2, maxIter: 200 }, 3),
    ]) {
      for (const x of params.flatMap((p) => p.toArray() as number[])) expect(x).toBeCloseTo(1, 3);
    }
  });

  test.prop([fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 4 })])(
    "needs about as many evaluations of a quadratic as it has dimensions",
    (points) => {
      const w = leaf(points.map(([x]) => x));
      const optimizer = new LBFGS([w], { lineSearchFn: "strongWolfe", toleranceGrad: 1e-6 });
      const target = tensor(
        points.map(([, y]) => y),
        { dtype: "float64" },
      );
      const scale = tensor(
        points.map((_, i) => 1 + i),
        { dtype: "float64" },
      );
      let count = 0;
      const closure = () => {
        count++;
        optimizer.zeroGrad();
        const loss = w.sub(target).square().mul(scale).sum();
        loss.backward();
        return loss;
      };
      optimizer.step(closure);
      expect(closure().item()).toBeLessThan(1e-9);
      expect(count).toBeLessThan(12 + 4 * points.length);
    },
  );

  test.prop([fc.nat({ max: 8 }), fc.boolean(), fc.integer({ min: 1, max: 4 })], { numRuns: 25 })(
    "goes on bit for bit from wherever it was saved",
    (stop, searches, historySize) => {
      const options = {
        maxIter: 3,
        historySize,
        ...(searches ? { lineSearchFn: "strongWolfe" as const } : { lr: 0.02 }),
      };
      const [before, after] = [start.map(leaf), start.map(leaf)];
      const first = new LBFGS(before, options);
      const closure = valley(first, before);
      for (let i = 0; i < stop; i++) first.step(closure);
      const saved = first.stateDict();
      for (let i = stop; i < 9; i++) first.step(closure);
      const whole = end(before);

      const half = run(options, stop);
      after.forEach((x, i) => void x.detach().copy_(half[i]!.detach()));
      const second = new LBFGS(after);
      // As a file would give it.
      const { groups, ...state } = saved;
      second.loadStateDict({ ...state, groups: JSON.parse(JSON.stringify(groups)) });
      const again = valley(second, after);
      for (let i = stop; i < 9; i++) second.step(again);
      expect(end(after)).toEqual(whole);
    },
  );

  it("stops at a minimum, at the number of iterations, and of evaluations", () => {
    const count = (options: Partial<LBFGSOptions>, from = start) => {
      const params = from.map(leaf);
      const optimizer = new LBFGS(params, options);
      const closure = valley(optimizer, params);
      optimizer.step(closure);
      const { numbers } = optimizer.state.get(params[0]!)!;
      expect(numbers.evaluations).toBe(closure.count.evaluations);
      return [numbers.iterations, numbers.evaluations];
    };
    expect(count({}, [[1, 1, 1]])).toEqual([0, 1]);
    expect(count({ maxIter: 4, lr: 0.01 })).toEqual([4, 4]);
    expect(count({ maxIter: 20, maxEval: 6, lr: 0.01 })).toEqual([5, 6]);
    expect(count({ maxIter: 8, lr: 0.01, toleranceChange: 1e9 })).toEqual([1, 1]);
  });

  it("remembers historySize steps", () => {
    const params = start.map(leaf);
    const optimizer = new LBFGS(params, { maxIter: 12, historySize: 3, lineSearchFn: "strongWolfe" });
    const closure = valley(optimizer, params);
    const names = () => Object.keys(optimizer.state.get(params[0]!)!.tensors).sort();
    optimizer.step(closure);
    const pairs = ["change0", "change1", "change2"];
    expect(names()).toEqual([...pairs, "lastGrad", "lastStep", "step0", "step1", "step2"]);
    optimizer.paramGroups[0]!.historySize = 1;
    optimizer.step(closure);
    expect(names()).toEqual(["change0", "lastGrad", "lastStep", "step0"]);
  });

  it("treats a parameter that joins later as one that has not moved", () => {
    const [a, b] = [leaf([3]), leaf([2, 2])];
    const optimizer = new LBFGS([a, b], { maxIter: 2, lr: 0.3 });
    const both =
      (...params: Tensor[]) =>
      () => {
        optimizer.zeroGrad();
        const loss = params.map((x) => x.square().sum()).reduce((x, y) => x.add(y));
        loss.backward();
        return loss;
      };
    optimizer.step(both(a));
    expect(b.toArray()).toEqual([2, 2]);
    for (let i = 0; i < 40; i++) optimizer.step(both(a, b));
    expect(Math.abs(a.item())).toBeLessThan(1e-3);
    expect(b.square().sum().item()).toBeLessThan(1e-5);
  });

  it("refuses what it does not support", () => {
    expect(() => new LBFGS([leaf([1])]).step()).toThrow("LBFGS.step: step was called without a closure");
    const remote = Object.create(leaf([1]), { device: { value: "webgpu" } }) as Tensor;
    expect(() => new LBFGS([remote])).toThrow(
      "LBFGS: the parameter of shape [1] is on webgpu, where numbers cannot be read at once; " +
        "give it to another optimizer, such as AdamW",
    );
  });
});
