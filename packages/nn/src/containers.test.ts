import { profile, randn, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, expectTypeOf, it } from "vitest";
import { Identity, Linear, Module, ModuleList, ReLU, Sequential, Sigmoid, SiLU, Tanh } from "./index";

describe("Sequential", () => {
  it("runs its layers one after another", () => {
    const [first, second] = [new Linear(2, 3), new Linear(3, 1)];
    const model = new Sequential(first, new ReLU(), second);
    const x = tensor([[1, -2]]);
    expect(model.forward(x).toArray()).toEqual(second.forward(first.forward(x).relu()).toArray());
    expectTypeOf(model.forward(x)).toEqualTypeOf<Tensor>();
  });

  it("names parameters by position, in numeric order beyond ten", () => {
    const model = new Sequential(...Array.from({ length: 12 }, () => new Linear(1, 1, { bias: false })));
    expect(Object.keys(model.stateDict())).toEqual(Array.from({ length: 12 }, (_, i) => `${i}.weight`));
  });

  it("gives its layers by position, from either end, and one by one", () => {
    const layers = [new ReLU(), new Sigmoid()];
    const model = new Sequential(...layers);
    expect(model.length).toBe(2);
    expect(model.at(0)).toBe(layers[0]);
    expect(model.at(-1)).toBe(layers[1]);
    expect(model.at(2)).toBeUndefined();
    expect([...model]).toEqual(layers);
  });

  it("without layers gives back its input", () => {
    const x = tensor([1]);
    expect(new Sequential().forward(x)).toBe(x);
    expect(new Identity().forward(x)).toBe(x);
  });
});

describe("ModuleList", () => {
  it("registers what it holds, and what is appended later", () => {
    const list = new ModuleList([new Linear(1, 1)]);
    expect(list.append(new Linear(1, 1))).toBe(list);
    expect(list.length).toBe(2);
    expect([...list.namedParameters()].map(([name]) => name)).toEqual([
      "0.weight",
      "0.bias",
      "1.weight",
      "1.bias",
    ]);
    expectTypeOf(list.at(0)).toEqualTypeOf<Linear | undefined>();
    expect(list.at(-1)).toBe([...list][1]);
  });

  it("computes nothing by itself", () => {
    expect(() => new ModuleList([]).forward()).toThrow(
      "ModuleList: a list of modules computes nothing; call its modules, or use Sequential",
    );
    expect(new ModuleList()).toBeInstanceOf(Module);
  });
});

describe("an activation after a linear layer", () => {
  const names = ["relu", "sigmoid", "tanh", "silu"] as const;
  const layers = { relu: ReLU, sigmoid: Sigmoid, tanh: Tanh, silu: SiLU };

  it.each(names)("is one operation with it where it can be, with the same bits: %s", (name) => {
    const linear = new Linear(37, 24);
    const model = new Sequential(linear, new layers[name](), new Linear(24, 5));
    const last = model.at(2)!;
    const x = randn([19, 37], { requiresGrad: true });
    const run = (forward: () => Tensor) => {
      const y = forward();
      y.square().sum().backward();
      const found = [y, x.grad!, linear.weight.grad!, linear.bias!.grad!].map((t) => t.toArray());
      x.grad = null;
      model.zeroGrad();
      return found;
    };
    expect(run(() => model.forward(x))).toEqual(run(() => last.forward(linear.forward(x)[name]())));
    const { ops } = profile(() => model.forward(x));
    // The others' derivatives need what went into them: of a result that rounds to 1 nothing small can be told.
    const fused = name === "relu" ? ["linear", "linear+relu"] : ["linear", name].sort();
    expect(ops.map((op) => op.name).sort()).toEqual(fused);
  });
});
