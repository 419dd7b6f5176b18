import { noGrad } from "@thalweg/autograd";
import { BatchNorm1d, Dropout, Linear, Parameter, ReLU, Sequential } from "@thalweg/nn";
import { Adam, SGD } from "@thalweg/optim";
import { randn, type Tensor, tensor, zeros } from "@thalweg/tensor";
import { afterEach, describe, expect, it, vi } from "vitest";
import { expectSame } from "../test/twins";
import { compile, type Value } from "./index";

afterEach(() => {
  vi.restoreAllMocks();
});

interface Count {
  readonly recordings: number;
}

/** A compiled function, with the number of its recordings. */
function counted<const F extends (...args: never[]) => Value>(f: F, options = {}): readonly [F, Count] {
  const count = { recordings: 0 };
  const compiled = compile(
    ((...args: never[]) => {
      count.recordings++;
      return f(...args);
    }) as unknown as F,
    options,
  );
  return [compiled as unknown as F, count];
}

/** A compiled function that returns how often it was recorded. */
function counting(): (...args: readonly Value[]) => number {
  const count = { recordings: 0 };
  const f = (..._: readonly Value[]): number => ++count.recordings;
  return compile(f) as unknown as typeof f;
}

describe("arguments make another program by", () => {
  const x = randn([2, 6]);
  it.each<[string, unknown, unknown]>([
    ["their shape", x, randn([3, 6])],
    ["their rank", x, randn([2, 6, 1])],
    ["their type", x, x.to("float64")],
    ["their strides", x, randn([6, 2]).transpose(0, 1)],
    ["their place in memory", x, randn([3, 6]).narrow(0, 1, 2)],
    ["whether they require grad", x, randn([2, 6], { requiresGrad: true })],
    ["numbers", 1, 2],
    ["zeros of either sign", 0, -0],
    ["texts", "a", "b"],
    ["booleans", true, false],
    ["what is missing", null, undefined],
    ["a tensor in place of a number", 1, x],
    ["the length of lists", [x], [x, x.clone()]],
    ["the keys of objects", { a: x }, { b: x }],
    ["lists in place of objects", [x], { 0: x }],
    ["memory that they share", [x, x], [x, x.clone()]],
    ["tensors that are the same", [x, x], [x, x.detach()]],
    ["views of the same memory", [x, x.flip([1])], [x, randn([2, 6]).flip([1])]],
  ])("%s", (_, first, second) => {
    const f = counting();
    expect([first, second, first, second, second].map((value) => f(value as Value))).toEqual([1, 2, 1, 2, 2]);
  });

  it("their number", () => {
    const f = counting();
    expect([f(1), f(1, 1), f(1), f(1, 1), f()]).toEqual([1, 2, 1, 2, 3]);
  });
});

it("numbers that are NaN are the same", () => {
  const f = counting();
  expect([f(Number.NaN), f(Number.NaN)]).toEqual([1, 1]);
});

const step = { calls: 24, recordings: 10 };

describe("a change of what the function closes over is noticed:", () => {
  /** Steps of a model, with a change before each. */
  const check = (
    change: (i: number, model: Sequential, optimizer: Adam) => void,
    recordings = 10,
    calls = 24,
  ) =>
    expectSame(
      (through) => {
        const model = new Sequential(
          new Linear(3, 4),
          new BatchNorm1d(4),
          new Dropout(0.5),
          new ReLU(),
          new Linear(4, 2),
        );
        const optimizer = new Adam(model.parameters(), { lr: 0.05 });
        const f = through((x: Tensor) => {
          const loss = model.forward(x).square().mean();
          optimizer.zeroGrad();
          loss.backward();
          optimizer.step();
          return loss;
        });
        const call = (i: number) => {
          change(i, model, optimizer);
          return f(randn([4, 3]).to(model.parameters()[0]!.dtype));
        };
        return { call, seen: [model, optimizer] };
      },
      { calls, recordings },
    );

  it("train and eval", () => check((i, model) => model.train(i % 6 < 3), 6));

  it("train and eval of one layer", () => check((i, model) => model.at(2)!.train(i % 6 < 3), 6));

  it("parameters that are frozen and thawed", () =>
    check((i, model) => {
      for (const parameter of model.at(0)!.parameters()) parameter.requiresGrad = i % 8 < 4;
    }, 8));

  it("groups that are added", () =>
    check((i, _model, optimizer) => {
      if (i % 8 === 7) optimizer.addParamGroup({ params: [randn([2], { requiresGrad: true })], lr: 0.1 });
    }, 14));

  it("parameters that are replaced", () =>
    check((i, model) => {
      if (i % 8 === 7) (model.at(0) as Linear).weight = new Parameter(randn([4, 3]));
    }, 14));

  it("buffers that are replaced", () =>
    check((i, model) => {
      if (i % 8 === 7) (model.at(1) as BatchNorm1d).runningMean = randn([4]);
    }, 14));

  it("a bias that is taken away", () =>
    check((i, model) => {
      if (i === 8) (model.at(4) as Linear).bias = null;
    }));

  it("a layer that is replaced", () =>
    check((i, model) => {
      if (i === 8) Object.assign(model, { 3: new Dropout(0.3) });
    }));

  it("a module that moves to another type and back", () =>
    check((i, model, optimizer) => {
      if (i % 8 !== 7) return;
      model.to(i % 16 === 7 ? "float64" : "float32");
      optimizer.zeroGrad();
    }, 16));

  it("gradients that are there, or not", () =>
    expectSame(
      (through) => {
        const w = randn([3], { requiresGrad: true });
        const f = through((x: Tensor) => {
          w.mul(x).sum().backward();
        });
        const call = (i: number) => {
          if (i % 3 === 0) w.grad = null;
          if (i % 5 === 0) w.grad = randn([3]);
          f(randn([3]));
        };
        return { call, seen: [w] };
      },
      { calls: 20, recordings: 2 },
    ));

  it("gradients that two tensors share, or not", () =>
    expectSame(
      (through) => {
        const [w, v] = [randn([3], { requiresGrad: true }), randn([3], { requiresGrad: true })];
        const f = through((x: Tensor) => {
          w.grad!.add_(x);
          v.grad!.mul_(2);
        });
        const call = (i: number) => {
          w.grad = randn([3]);
          v.grad = i % 2 === 0 ? randn([3]) : w.grad;
          f(randn([3]));
        };
        return { call, seen: [w, v] };
      },
      { calls: 8, recordings: 8 },
    ));

  it("grad mode", () =>
    expectSame(
      (through) => {
        const w = randn([3], { requiresGrad: true });
        const f = through((x: Tensor) => {
          const y = w.mul(x).sum();
          if (y.requiresGrad) y.backward();
          return [y.detach(), y.requiresGrad];
        });
        return { call: (i) => (i % 3 === 0 ? noGrad(() => f(randn([3]))) : f(randn([3]))), seen: [w] };
      },
      { calls: 12, recordings: 4 },
    ));

  it("a tensor that is disposed of", () => {
    const scale = tensor([1, 2]);
    const f = compile((x: Tensor) => x.mul(scale));
    const x = tensor([3, 4]);
    for (let i = 0; i < 3; i++) expect(f(x).toArray()).toEqual([3, 8]);
    scale[Symbol.dispose]();
    expect(() => f(x)).toThrow("the tensor was disposed of");
  });

  it("a variable is not noticed, as documented: pass it", () => {
    let scale = 2;
    const f = compile((x: Tensor) => x.mul(scale));
    expect(f(tensor([1])).toArray()).toEqual([2]);
    scale = 3;
    expect(f(tensor([1])).toArray()).toEqual([2]);
  });
});

describe("programs that are kept", () => {
  it("are as many as maxPrograms, without the least recently used", () => {
    const [f, count] = counted((x: Tensor, k: number) => x.mul(k), { maxPrograms: 2 });
    const x = tensor([1, 2]);
    const recordings = [1, 2, 1, 3, 1, 2, 1].map((k) => {
      expect(f(x, k).toArray()).toEqual([k, 2 * k]);
      return count.recordings;
    });
    // 3 takes the place of 2, and 2 that of 3.
    expect(recordings).toEqual([1, 2, 2, 3, 3, 4, 4]);
  });

  it("are 8 unless given", () => {
    const [f, count] = counted((k: number) => k);
    for (let round = 0; round < 3; round++) for (let k = 0; k < 8; k++) f(k);
    expect(count.recordings).toBe(8);
    for (let k = 0; k < 9; k++) f(k);
    for (let k = 0; k < 9; k++) f(k);
    expect(count.recordings).toBeGreaterThan(9);
  });

  it("warn once when recordings do not end, with the argument that changes, and run eagerly", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const f = compile((x: Tensor, scale: number) => x.mul(scale), { name: "scaled" });
    for (let i = 0; i < 200; i++) expect(f(tensor([1, 2]), i).toArray()).toEqual([i, 2 * i]);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]![0]).toMatch(/^scaled: .*arguments\[1\].*runs eagerly/);
  });

  it("warn with the parameter that changes", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const model = new Linear(2, 2);
    const f = compile((x: Tensor) => noGrad(() => model.forward(x)), { name: "replaced" });
    for (let i = 0; i < 100; i++) {
      model.weight = new Parameter(randn([2, 2]));
      const x = randn([1, 2]);
      expect(f(x).toArray()).toEqual(noGrad(() => model.forward(x)).toArray());
    }
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]![0]).toMatch(/^replaced: .*weight.*runs eagerly/);
  });

  it("do not warn where batches of a few sizes alternate", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const [f, count] = counted((x: Tensor) => x.exp());
    for (let i = 0; i < 100; i++) f(zeros([1 + (i % 5)]));
    expect(count.recordings).toBe(5);
    expect(warn).not.toHaveBeenCalled();
  });

  it("are no more than the options of an optimizer need", () => {
    expectSame((through) => {
      const w = randn([3], { requiresGrad: true });
      const optimizer = new SGD([w], { lr: 0.1 });
      const f = through((x: Tensor) => {
        optimizer.zeroGrad();
        w.mul(x).sum().backward();
        optimizer.step();
      });
      const call = (i: number) => {
        optimizer.paramGroups[0]!.nesterov = false;
        optimizer.paramGroups[0]!.momentum = i % 4 < 2 ? 0 : 0.9;
        f(randn([3]));
      };
      return { call, seen: [w, optimizer] };
    }, step);
  });
});
