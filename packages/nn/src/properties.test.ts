import { randn, type Tensor, ThalwegError, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import {
  BatchNorm1d,
  Conv2d,
  Embedding,
  GRU,
  LayerNorm,
  Linear,
  Module,
  ModuleList,
  MultiheadAttention,
  Parameter,
  ReLU,
  Sequential,
} from "./index";

class Net extends Module {
  scale = new Parameter(tensor([2]));
  body = new Linear(1, 1);
  plain = tensor([1]);

  override forward(x: Tensor): Tensor {
    return this.body.forward(x).mul(this.scale);
  }
}

describe("a property of a parameter", () => {
  const layers: [Module, string][] = [
    [new Linear(2, 2), "weight"],
    [new Conv2d(1, 1, 1), "bias"],
    [new BatchNorm1d(2), "weight"],
    [new LayerNorm(2), "bias"],
    [new Embedding(2, 2), "weight"],
    [new GRU(2, 2), "weightHhL0"],
    [new MultiheadAttention(2, 1), "inProjWeight"],
  ];

  it.each(layers)("takes parameters alone: %s", (layer, property) => {
    const held = Reflect.get(layer, property) as Parameter;
    for (const wrong of [zeros([2, 2]), undefined, 5, "a", [held], {}, ReLU]) {
      expect(() => Reflect.set(layer, property, wrong)).toThrow(ThalwegError);
      expect(() => Reflect.set(layer, property, wrong)).toThrow(
        new RegExp(
          `^${layer.constructor.name}: "${property}" is a parameter, got .*; assign new Parameter\\(tensor\\), or null for none$`,
        ),
      );
    }
    expect(Reflect.get(layer, property)).toBe(held);
    expect(layer.parameters()).toContain(held);
    const other = new Parameter(randn(held.shape));
    Reflect.set(layer, property, other);
    expect(layer.parameters()).toContain(other);
    Reflect.set(layer, property, null);
    expect(layer.parameters()).not.toContain(other);
    Reflect.set(layer, property, other);
    expect(layer.parameters()).toContain(other);
  });

  it("takes them alone in a user's module, too, once its parameters were listed", () => {
    const net = new Net();
    const keys = Object.keys(net.stateDict());
    // @ts-expect-error a tensor is not a parameter
    expect(() => (net.scale = tensor([1]))).toThrow('Net: "scale" is a parameter, got a tensor of shape [1]');
    expect(() => (net.body = undefined as never)).toThrow(
      'Net: "body" is a module, got undefined; assign a Module, or null for none',
    );
    net.scale = new Parameter(tensor([3]));
    net.body = new Linear(1, 1);
    net.plain = tensor([2]);
    expect(Object.keys(net.stateDict())).toEqual(keys);
    expect(net.scale.name ?? net.parameters()[0]!.name).toBe("scale");
  });

  it("cannot be given a tensor, for the compiler", () => {
    const layer = new Linear(1, 1);
    // @ts-expect-error a tensor is not a parameter
    expect(() => (layer.weight = tensor([[1]]))).toThrow(ThalwegError);
    // @ts-expect-error nor can it be `bias`
    expect(() => (layer.bias = tensor([1]))).toThrow(ThalwegError);
  });
});

it("a property of a buffer takes only tensors", () => {
  const layer = new BatchNorm1d(2);
  expect(() => (layer.runningMean = [0, 0] as never)).toThrow(
    'BatchNorm1d: "runningMean" is a buffer, got [0, 0]; assign a tensor, or null for none',
  );
  const mean = tensor([1, 2]);
  layer.runningMean = mean;
  expect(layer.buffers()).toContain(mean);
});

it("registering a value of another kind is refused and changes nothing", () => {
  class Registering extends Net {
    register(what: "Buffer" | "Parameter" | "Module", name: string, value: unknown): unknown {
      const register: (name: string, value: never) => unknown = this[`register${what}`];
      return register.call(this, name, value as never);
    }
  }
  const net = new Registering();
  expect(() => net.register("Buffer", "plain", 5)).toThrow('Registering: "plain" is a buffer, got 5');
  expect(() => net.register("Parameter", "scale", zeros([1]))).toThrow('Registering: "scale" is a parameter');
  expect(() => net.register("Module", "body", ReLU)).toThrow(
    'Registering: "body" is a module, got a function',
  );
  expect(() => net.register("Buffer", 5 as never, zeros([1]))).toThrow(
    "registerBuffer: name must be a string",
  );
  expect(Object.keys(net.stateDict())).toEqual(["scale", "body.weight", "body.bias"]);
  net.register("Buffer", "mean", zeros([1]));
  net.register("Module", "head", new Linear(1, 1, { bias: false }));
  expect(Object.keys(net.stateDict())).toEqual(["scale", "mean", "body.weight", "body.bias", "head.weight"]);
});

it("a position of a container takes only modules", () => {
  const model = new Sequential(new Linear(1, 1), new ReLU());
  expect(() => (model[1] = ReLU as never)).toThrow('Sequential: "1" is a module, got a function');
  const list = new ModuleList([new Linear(1, 1)]);
  expect(() => (list[0] = 5 as never)).toThrow('ModuleList: "0" is a module, got 5');
});

describe("a module or parameter that no property holds is reported", () => {
  const layer = () => new Linear(1, 1);
  const holders: [string, () => unknown, string][] = [
    ["an array", () => [layer()], "Linear"],
    ["an array of arrays", () => [[1, "a"], [layer()]], "Linear"],
    ["an array of pairs", () => [["first", layer()]], "Linear"],
    ["an object", () => ({ a: { b: layer() } }), "Linear"],
    ["an object without prototype", () => Object.assign(Object.create(null), { a: layer() }), "Linear"],
    ["a Map", () => new Map([["a", layer()]]), "Linear"],
    ["a Set", () => new Set([new Sequential(layer())]), "Sequential"],
    ["an array of parameters", () => [new Parameter(zeros([1]))], "Parameter"],
    ["a Map of parameters", () => new Map([[1, new Parameter(zeros([1]))]]), "Parameter"],
  ];

  class Holder extends Module {
    blocks: unknown;
    body = layer();

    override forward(x: Tensor): Tensor {
      return x;
    }
  }

  const calls: [string, (model: Module) => unknown][] = [
    ["parameters", (model) => model.parameters()],
    ["stateDict", (model) => model.stateDict()],
    ["loadStateDict", (model) => model.loadStateDict({}, { strict: false })],
    ["to", (model) => model.to("float64")],
    ["train", (model) => model.train()],
    ["zeroGrad", (model) => model.zeroGrad()],
    ["buffers", (model) => model.buffers()],
  ];

  it.each(holders)("in %s", (_, make, what) => {
    const holder = new Holder();
    holder.blocks = make();
    const remedy =
      what === "Parameter"
        ? "give each parameter a property of its own"
        : "use new ModuleList([...]), or give each module a property of its own";
    for (const [, call] of calls) {
      for (const model of [holder, new Sequential(holder as never)]) {
        expect(() => call(model)).toThrow(
          `Holder: "blocks" holds a ${what}, which is not registered there; ${remedy}`,
        );
      }
    }
  });

  it("unless a property holds it as well, anywhere in the model", () => {
    const holder = new Holder();
    holder.blocks = { all: [holder.body, holder.body.weight] };
    expect(holder.parameters()).toHaveLength(2);
    const outer = new Holder();
    outer.body = new Sequential(holder as never) as never;
    outer.blocks = [holder];
    holder.blocks = new Map([["parent", outer]]);
    expect(outer.parameters()).toHaveLength(2);
  });

  it("and data cost nothing, whatever their size, even with cycles", () => {
    const holder = new Holder();
    const data: unknown[] = Array.from({ length: 100_000 }, (_, i) => [i]);
    data[0] = data;
    holder.blocks = data;
    expect(holder.parameters()).toHaveLength(2);
  });
});
