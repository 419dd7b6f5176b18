import { inspect } from "node:util";
import { ones, type Tensor, ThalwegError, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, expectTypeOf, it } from "vitest";
import { Dropout, Linear, Module, ModuleList, Parameter, ReLU, Sequential, snakeCase } from "./index";

class Scale extends Module {
  factor = new Parameter(tensor([2, 3]));
  seen: Tensor = this.registerBuffer("seen", zeros([1]));
  readonly note = "not a tensor";
  plain = tensor([1]);

  override forward(x: Tensor): Tensor {
    return x.mul(this.factor);
  }
}

class Network extends Module {
  first = new Linear(2, 3);
  scales = new ModuleList([new Scale(), new Scale()]);
  body = new Sequential(new Linear(3, 2, { bias: false }), new ReLU(), new Dropout(0.1));
  offset = new Parameter(zeros([2]));

  override forward(x: Tensor): Tensor {
    return this.body.forward(this.first.forward(x)).add(this.offset);
  }
}

/** Two layers with one weight. */
class Tied extends Module {
  encoder = new Linear(2, 2, { bias: false });
  decoder = new Linear(2, 2, { bias: false });

  constructor() {
    super();
    this.decoder.weight = this.encoder.weight;
  }

  override forward(x: Tensor): Tensor {
    return this.decoder.forward(this.encoder.forward(x));
  }
}

const names = [
  "offset",
  "first.weight",
  "first.bias",
  "scales.0.factor",
  "scales.0.seen",
  "scales.1.factor",
  "scales.1.seen",
  "body.0.weight",
];

describe("a module", () => {
  it("finds its parameters automatically, with the path that leads to each", () => {
    const model = new Network();
    expect([...model.namedParameters()].map(([name]) => name)).toEqual(
      names.filter((name) => !name.endsWith("seen")),
    );
    expect(model.parameters()).toContain(model.first.weight);
    expect(model.parameters().every((p) => p.requiresGrad && p.isLeaf)).toBe(true);
    expectTypeOf(model.parameters()).toEqualTypeOf<Parameter[]>();
  });

  it("names its parameters once the root has been asked", () => {
    const model = new Network();
    expect(model.body.at(0)).toBeInstanceOf(Linear);
    expect(model.first.weight.name).toBeUndefined();
    model.parameters();
    expect(model.first.weight.name).toBe("first.weight");
  });

  it("keeps buffers apart from parameters, and plain tensors out of both", () => {
    const model = new Network();
    expect([...model.namedBuffers()].map(([name]) => name)).toEqual(["scales.0.seen", "scales.1.seen"]);
    expect(model.buffers()).toHaveLength(2);
    expect(model.buffers().some((buffer) => buffer.requiresGrad)).toBe(false);
  });

  it("names its submodules", () => {
    const model = new Network();
    expect([...model.namedModules()].map(([name]) => name)).toEqual([
      "",
      "first",
      "scales",
      "scales.0",
      "scales.1",
      "body",
      "body.0",
      "body.1",
      "body.2",
    ]);
    expect([...model.namedChildren()].map(([name]) => name)).toEqual(["first", "scales", "body"]);
    expect([...model.modules()]).toHaveLength(9);
  });

  it("counts a shared parameter once, and saves it under all its names", () => {
    const model = new Tied();
    expect([...model.namedParameters()].map(([name]) => name)).toEqual(["encoder.weight"]);
    expect(Object.keys(model.stateDict())).toEqual(["encoder.weight", "decoder.weight"]);
    const layer = new Linear(1, 1);
    expect([...new Sequential(layer, layer).modules()]).toHaveLength(2);
    expect(new Sequential(layer, layer).parameters()).toHaveLength(2);
  });

  it("loads a shared parameter by any of its names", () => {
    const make = () => {
      const [first, second] = [new Linear(2, 2), new Linear(2, 2)];
      second.weight = first.weight;
      return new Sequential(first, second);
    };
    const model = make();
    const { "0.weight": weight, ...state } = model.stateDict();
    const other = make();
    expect(other.loadStateDict(state)).toEqual({ missing: [], unexpected: [] });
    expect(other.stateDict()["0.weight"]!.toArray()).toEqual(weight!.toArray());
    const { "1.weight": _, ...neither } = state;
    expect(() => other.loadStateDict(neither)).toThrow('"0.weight" is missing, "1.weight" is missing');
  });

  it("adds up the gradients of a shared parameter", () => {
    const model = new Tied();
    const saved = tensor([
      [1, 2],
      [0, 1],
    ]);
    model.loadStateDict({ "encoder.weight": saved, "decoder.weight": saved });
    const out = model.forward(tensor([[1, 1]]));
    out.sum().backward();
    const w = tensor(
      [
        [1, 2],
        [0, 1],
      ],
      { requiresGrad: true },
    );
    tensor([[1, 1]])
      .matmul(w.transpose(0, 1))
      .matmul(w.transpose(0, 1))
      .sum()
      .backward();
    expect(model.encoder.weight.grad!.toArray()).toEqual(w.grad!.toArray());
  });
});

describe("stateDict", () => {
  it("has a key for every parameter and buffer, and shares their memory", () => {
    const model = new Network();
    const state = model.stateDict();
    expect(Object.keys(state)).toEqual(names);
    for (const tensor of Object.values(state)) expect(tensor.requiresGrad).toBe(false);
    state.offset!.fill_(7);
    expect(model.offset.toArray()).toEqual([7, 7]);
  });

  it("copies a model into another", () => {
    const [from, to] = [new Network(), new Network()];
    const x = ones([1, 2]);
    from.eval();
    to.eval();
    expect(to.loadStateDict(from.stateDict())).toEqual({ missing: [], unexpected: [] });
    expect(to.forward(x).toArray()).toEqual(from.forward(x).toArray());
    from.offset.detach().fill_(100);
    expect(to.offset.toArray()).toEqual([0, 0]);
  });

  it("is loaded into the existing tensors, so optimizers keep them", () => {
    const model = new Linear(1, 1);
    const { weight } = model;
    model.loadStateDict({ weight: tensor([[5]]), bias: tensor([6]) });
    expect(model.weight).toBe(weight);
    expect(weight.toArray()).toEqual([[5]]);
    expect(weight.isLeaf).toBe(true);
  });

  it("is converted to the type of the model", () => {
    const model = new Linear(1, 1);
    model.loadStateDict({ weight: tensor([[0.1]], { dtype: "float64" }), bias: tensor([0]) });
    expect(model.weight.dtype).toBe("float32");
    expect(model.weight.toArray()).toEqual([[Math.fround(0.1)]]);
  });

  it("that does not fit is refused with a list of every difference, and nothing is changed", () => {
    const model = new Linear(2, 1);
    const before = model.stateDict();
    const values = Object.values(before).map((x) => x.toArray());
    const wrong = { weight: zeros([3, 2]), scale: zeros([1]), shift: zeros([1]) };
    expect(() => model.loadStateDict(wrong)).toThrow(ThalwegError);
    expect(() => model.loadStateDict(wrong)).toThrow(
      'loadStateDict: the state does not fit, "bias" is missing, "scale" is unexpected, "shift" is unexpected, ' +
        '"weight" has shape [3, 2], not [1, 2]; ' +
        "build the model as it was when it was saved, or pass { strict: false } for other names",
    );
    expect(Object.values(model.stateDict()).map((x) => x.toArray())).toEqual(values);
  });

  it("may be the model's own with tensors exchanged", () => {
    const model = new Sequential(new Linear(1, 1), new Linear(1, 1));
    model.loadStateDict({
      "0.weight": tensor([[1]]),
      "0.bias": tensor([2]),
      "1.weight": tensor([[3]]),
      "1.bias": tensor([4]),
    });
    const { "0.weight": a, "1.weight": b, ...rest } = model.stateDict();
    model.loadStateDict({ "0.weight": b!, "1.weight": a!, ...rest });
    expect([model.stateDict()["0.weight"]!.item(), model.stateDict()["1.weight"]!.item()]).toEqual([3, 1]);
  });

  it.each<[string, unknown, string]>([
    ["an object with a shape", { shape: [1] }, '"bias" is an object, not a tensor'],
    ["nothing", null, '"bias" is null, not a tensor'],
    ["a number", 7, '"bias" is 7, not a tensor'],
  ])("is refused before anything is written when a tensor is %s", (_, bias, message) => {
    const model = new Linear(1, 1);
    const before = model.weight.item();
    const load = () => model.loadStateDict({ weight: tensor([[5]]), bias: bias as Tensor });
    expect(load).toThrow(`loadStateDict: the state does not fit, ${message}; build the model`);
    expect(() => model.loadStateDict(null as never)).toThrow('"weight" is missing, "bias" is missing');
    expect(model.weight.item()).toBe(before);
  });

  it("is refused before anything is written when a tensor was disposed of, or cannot be written to", () => {
    const model = new Linear(1, 2);
    const before = model.weight.toArray();
    const gone = zeros([2]);
    gone[Symbol.dispose]();
    expect(() => model.loadStateDict({ weight: ones([2, 1]), bias: gone })).toThrow(
      "loadStateDict: the tensor was disposed of, shape [2]",
    );
    model.bias = new Parameter(zeros([1]).expand([2]));
    expect(() => model.loadStateDict({ weight: ones([2, 1]), bias: ones([2]) })).toThrow(
      "loadStateDict: several elements of the target share one memory location, it was expanded",
    );
    expect(model.weight.toArray()).toEqual(before);
  });

  it("is checked by prepareLoad, and loaded by the function that it returns", () => {
    const model = new Linear(1, 1);
    const before = model.weight.item();
    const load = model.prepareLoad({ weight: tensor([[5]]) }, { strict: false });
    expect(model.weight.item()).toBe(before);
    expect(load()).toEqual({ missing: ["bias"], unexpected: [] });
    expect(model.weight.item()).toBe(5);
    expect(model.weight.isLeaf).toBe(true);
  });

  it("has no inherited names", () => {
    const state = JSON.parse('{"toString":1,"__proto__":2}') as Record<string, Tensor>;
    expect(() => new Linear(1, 1).loadStateDict(state)).toThrow(
      '"weight" is missing, "bias" is missing, "toString" is unexpected, "__proto__" is unexpected;',
    );
  });

  it("may have other names when not strict, but no other shapes", () => {
    const model = new Linear(2, 1);
    expect(model.loadStateDict({ bias: tensor([3]), scale: zeros([1]) }, { strict: false })).toEqual({
      missing: ["weight"],
      unexpected: ["scale"],
    });
    expect(model.bias!.toArray()).toEqual([3]);
    expect(() => model.loadStateDict({ bias: zeros([2]) }, { strict: false })).toThrow(
      'loadStateDict: the state does not fit, "bias" has shape [2], not [1]',
    );
  });
});

describe("stateKey", () => {
  class Inner extends Module {
    weightIhL0 = new Parameter(zeros([1]));
    runningMean: Tensor | null = this.registerBuffer("runningMean", zeros([2]));

    override forward(x: Tensor): Tensor {
      return x;
    }

    protected override stateKey(property: string): string {
      return snakeCase(property);
    }
  }

  class Outer extends Inner {
    selfAttn = new Inner();
    plainModule = new Scale();
  }

  const keys = [
    "weight_ih_l0",
    "running_mean",
    "self_attn.weight_ih_l0",
    "self_attn.running_mean",
    "plain_module.factor",
    "plain_module.seen",
  ];

  it("names parameters, buffers and modules in every method", () => {
    const model = new Outer();
    expect(Object.keys(model.stateDict())).toEqual(keys);
    expect([...model.namedParameters()].map(([name]) => name)).toEqual(
      keys.filter((key) => key.endsWith("l0") || key.endsWith("factor")),
    );
    expect(model.selfAttn.weightIhL0.name).toBe("self_attn.weight_ih_l0");
    expect([...model.namedBuffers()].map(([name]) => name)).toEqual([
      "running_mean",
      "self_attn.running_mean",
      "plain_module.seen",
    ]);
    expect([...model.namedModules()].map(([name]) => name)).toEqual(["", "self_attn", "plain_module"]);
  });

  it("maps the keys of a loaded state to properties", () => {
    const model = new Outer();
    const state = Object.fromEntries(keys.map((key) => [key, ones(new Outer().stateDict()[key]!.shape)]));
    expect(model.loadStateDict(state)).toEqual({ missing: [], unexpected: [] });
    expect(model.selfAttn.runningMean!.toArray()).toEqual([1, 1]);
    expect(() => model.loadStateDict({ ...state, running_mean: ones([3]) })).toThrow(
      'loadStateDict: the state does not fit, "running_mean" has shape [3], not [2]',
    );
  });

  it("does not matter to methods that move properties", () => {
    const model = new Outer().to("float64");
    expect(model.selfAttn.runningMean!.dtype).toBe("float64");
    expect(Object.keys(model.stateDict())).toEqual(keys);
  });

  it("leaves out a buffer that is null", () => {
    const model = new Inner();
    model.runningMean = null;
    expect(Object.keys(model.stateDict())).toEqual(["weight_ih_l0"]);
    expect(model.buffers()).toEqual([]);
  });

  it("in snake_case is PyTorch's key", () => {
    const names = "weight running_mean num_batches_tracked in_proj_weight bias_hh_l12_reverse linear1".split(
      " ",
    );
    const camel = "weight runningMean numBatchesTracked inProjWeight biasHhL12Reverse linear1".split(" ");
    expect(camel.map(snakeCase)).toEqual(names);
  });
});

describe("modes", () => {
  it("reach all modules below", () => {
    const model = new Network();
    expect(model.eval()).toBe(model);
    expect([...model.modules()].some((module) => module.training)).toBe(false);
    expect(model.train()).toBe(model);
    expect([...model.modules()].every((module) => module.training)).toBe(true);
    model.train(false);
    expect(model.body.training).toBe(false);
  });

  it("freeze and unfreeze parameters", () => {
    const model = new Linear(2, 1);
    model.requiresGrad_(false);
    expect(model.forward(ones([1, 2])).requiresGrad).toBe(false);
    model.requiresGrad_();
    expect(model.forward(ones([1, 2])).requiresGrad).toBe(true);
  });

  it("zeroGrad clears every gradient", () => {
    const model = new Network();
    model
      .forward(ones([4, 2]))
      .sum()
      .backward();
    expect(model.offset.grad).not.toBeNull();
    model.zeroGrad();
    expect(model.parameters().every((p) => p.grad === null)).toBe(true);
  });

  it("apply visits children before their parents, and the root last", () => {
    const seen: string[] = [];
    const model = new Sequential(new Linear(1, 1), new Sequential(new ReLU()));
    expect(model.apply((module) => void seen.push(module.constructor.name))).toBe(model);
    expect(seen).toEqual(["Linear", "ReLU", "Sequential", "Sequential"]);
  });
});

describe("to", () => {
  it("converts parameters and buffers to another type", () => {
    const model = new Network();
    expect(model.to("float64")).toBe(model);
    for (const tensor of Object.values(model.stateDict())) expect(tensor.dtype).toBe("float64");
    expect(model.parameters().every((p) => p instanceof Parameter && p.requiresGrad)).toBe(true);
    expect(model.forward(ones([1, 2], { dtype: "float64" })).dtype).toBe("float64");
  });

  it("keeps frozen parameters frozen", () => {
    const model = new Linear(1, 1).requiresGrad_(false).to("float64");
    expect(model.weight.requiresGrad).toBe(false);
  });

  it("keeps shared tensors shared", () => {
    const model = new Tied().to("float64");
    expect(model.decoder.weight).toBe(model.encoder.weight);
    expect(model.parameters()).toHaveLength(1);
  });

  it("changes nothing where nothing differs, so that an optimizer made before goes on", () => {
    const model = new Linear(1, 1);
    const { weight } = model;
    model.to("float32").to("cpu");
    expect(model.weight).toBe(weight);
  });
});

describe("printing", () => {
  it("shows the tree of modules", () => {
    expect(new Network().toString()).toBe(`Network(
  (first): Linear(inFeatures=2, outFeatures=3, bias=true)
  (scales): ModuleList(
    (0): Scale()
    (1): Scale()
  )
  (body): Sequential(
    (0): Linear(inFeatures=3, outFeatures=2, bias=false)
    (1): ReLU()
    (2): Dropout(p=0.1)
  )
)`);
  });

  it("appears in Node's console", () => {
    expect(inspect(new Sequential(new ReLU()))).toBe("Sequential(\n  (0): ReLU()\n)");
  });
});

describe("a parameter", () => {
  it("is a leaf that requires grad and shares the memory of its data", () => {
    const data = tensor([1, 2]);
    const p = new Parameter(data);
    expect(p).toMatchObject({ requiresGrad: true, isLeaf: true });
    data.fill_(3);
    expect(p.toArray()).toEqual([3, 3]);
  });

  it("has no history of its data, and may be kept from training", () => {
    const computed = tensor([1], { requiresGrad: true }).mul(2);
    expect(new Parameter(computed).isLeaf).toBe(true);
    expect(new Parameter(tensor([1]), false).requiresGrad).toBe(false);
  });
});
