import {
  Adam,
  BatchNorm1d,
  GradientError,
  LBFGS,
  Linear,
  mseLoss,
  ones,
  type Parameter,
  ReLU,
  RMSprop,
  Sequential,
  SGD,
  tensor,
} from "thalweg";
import { describe, expect, it } from "vitest";

const model = () => new Sequential(new Linear(2, 4), new BatchNorm1d(4), new ReLU(), new Linear(4, 1));

const data = [
  [1, 2],
  [3, -1],
  [0.5, 0.25],
];

function closureOf(net: Sequential, step: { zeroGrad(): void }) {
  const { dtype } = net.parameters()[0]!;
  const [x, t] = [tensor(data, { dtype }), tensor([[1], [0], [2]], { dtype })];
  return () => {
    step.zeroGrad();
    const loss = mseLoss(net.forward(x), t);
    loss.backward();
    return loss;
  };
}

const optimizers = {
  SGD: (p: Parameter[]) => new SGD(p, { lr: 0.1, momentum: 0.9 }),
  Adam: (p: Parameter[]) => new Adam(p, { lr: 0.1, amsgrad: true }),
  RMSprop: (p: Parameter[]) => new RMSprop(p, { lr: 0.01 }),
  LBFGS: (p: Parameter[]) => new LBFGS(p, { maxIter: 3 }),
};

describe.each(Object.entries(optimizers))("an optimizer made before the model moved: %s", (_, make) => {
  it("trains the moved model, and moves its state along", () => {
    const net = model();
    const optimizer = make(net.parameters());
    optimizer.step(closureOf(net, optimizer));
    const before = [...net.parameters(), ...net.buffers()];
    net.to("float64");
    [...net.parameters(), ...net.buffers()].forEach((x, i) => {
      expect(x).toBe(before[i]);
    });
    expect(before.every(({ dtype }) => dtype === "float64")).toBe(true);
    const values = net.parameters().map((p) => p.toArray());
    const closure = closureOf(net, optimizer);
    optimizer.step(closure);
    net.parameters().forEach((p, i) => {
      if (p.grad!.abs().max().item() > 1e-9) expect(p.toArray()).not.toEqual(values[i]);
    });
    for (const { tensors } of optimizer.state.values()) {
      for (const state of Object.values(tensors)) expect(state.dtype).toBe("float64");
    }
  });

  it("goes on as one made after it with the same state", () => {
    const [a, b] = [model(), model()];
    b.loadStateDict(a.stateDict());
    const [first, second] = [make(a.parameters()), make(b.parameters())];
    first.step(closureOf(a, first));
    second.step(closureOf(b, second));
    a.to("float64");
    b.to("float64");
    const later = make(b.parameters());
    later.loadStateDict(second.stateDict());
    for (let i = 0; i < 3; i++) {
      first.step(closureOf(a, first));
      later.step(closureOf(b, later));
    }
    expect(a.parameters().map((p) => p.toArray())).toEqual(b.parameters().map((p) => p.toArray()));
  });
});

it("a moved parameter keeps its gradient, in its own type", () => {
  const net = new Linear(2, 1);
  net
    .forward(ones([3, 2]))
    .sum()
    .backward();
  net.to("float64");
  expect(net.weight.grad!.dtype).toBe("float64");
  expect(net.weight.grad!.toArray()).toEqual([[3, 3]]);
  net
    .forward(ones([3, 2], { dtype: "float64" }))
    .sum()
    .backward();
  expect(net.weight.grad!.toArray()).toEqual([[6, 6]]);
});

it("a graph from before the move cannot be walked any more, and the error says so", () => {
  const net = new Linear(2, 1);
  const x = ones([3, 2], { requiresGrad: true });
  const loss = net.forward(x).sum();
  net.to("float64");
  expect(() => loss.backward()).toThrow(GradientError);
  expect(net.weight.grad).toBeNull();
  expect(x.grad).toBeNull();
});

it("a model that cannot be moved is left where it was, whole", () => {
  const net = model();
  expect(() => net.to("abacus")).toThrow('to: there is no device "abacus"');
  expect(() => net.to(undefined as never)).toThrow("to: target must be a string, got nothing");
  expect([...net.parameters(), ...net.buffers()].every((x) => x.dtype === "float32")).toBe(true);
});
