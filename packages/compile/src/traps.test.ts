import { checkpoint } from "@thalweg/autograd";
import { crossEntropy, mseLoss } from "@thalweg/losses";
import { BatchNorm1d, Dropout, Embedding, Linear, Module, ReLU, Sequential } from "@thalweg/nn";
import { Adam, clipGradNorm_, type Optimizer, SGD } from "@thalweg/optim";
import {
  bernoulli,
  bernoulli_,
  cat,
  defaultGenerator,
  exponential,
  exponential_,
  geometric,
  gumbel,
  linspace,
  multinomial,
  normal,
  normal_,
  ones,
  randint,
  randn,
  stack,
  type Tensor,
  tensor,
  uniform_,
  zeros,
} from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { expectSame, type Through } from "../test/twins";
import { compile } from "./index";

/** Enough steps to tell a bias correction that is frozen from one that moves. */
const steps = { calls: 32, recordings: 3 };

/** Leaves with random elements, which require grad. */
const leaf = (...shape: number[]) => randn(shape, { requiresGrad: true });

/** Inputs that differ from call to call. */
const batch = (i: number, ...shape: number[]) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return linspace(-1, 1 + i / 4, size).reshape(shape);
};

/** A step of training, which returns its loss. */
const stepOf = (
  through: Through,
  optimizer: Pick<Optimizer, "step" | "zeroGrad">,
  lossOf: (x: Tensor) => Tensor,
) =>
  through((x: Tensor) => {
    optimizer.zeroGrad();
    const loss = lossOf(x);
    loss.backward();
    optimizer.step();
    return loss;
  });

describe("a step that is replayed", () => {
  it("does not freeze the size of the step", () => {
    expectSame((through) => {
      const w = leaf(3, 2);
      const optimizer = new Adam([w], { lr: 0.1 });
      const step = stepOf(through, optimizer, (x) => x.matmul(w).square().mean());
      const call = (i: number) => {
        optimizer.paramGroups[0]!.lr = 0.1 / (i + 1);
        return step(batch(i, 4, 3));
      };
      return { call, seen: [w, optimizer] };
    }, steps);
  });

  it("does not freeze the mask of dropout", () => {
    expectSame((through) => {
      const model = new Sequential(new Linear(3, 8), new Dropout(0.5), new Linear(8, 1));
      const optimizer = new SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
      const step = stepOf(through, optimizer, (x) => model.forward(x).square().mean());
      return { call: (i) => step(batch(i, 4, 3)), seen: [model, optimizer] };
    }, steps);
  });

  it("moves running statistics that nobody reads", () => {
    for (const momentum of [0.1, null]) {
      expectSame((through) => {
        const model = new Sequential(new Linear(3, 4), new BatchNorm1d(4, { momentum }), new ReLU());
        const optimizer = new SGD(model.parameters(), { lr: 0.05 });
        const step = stepOf(through, optimizer, (x) => model.forward(x).square().mean());
        return { call: (i) => step(batch(i, 5, 3)), seen: [model, optimizer] };
      }, steps);
    }
  });

  it("does an in-place addition twice that is written twice", () => {
    expectSame((through) => {
      const [total, delta] = [zeros([3]), tensor([1, 2, 3])];
      const f = through((x: Tensor) => {
        total.add_(delta);
        total.add_(delta);
        const y = x.clone();
        y.add_(delta);
        y.add_(delta);
        return y;
      });
      return { call: (i) => f(batch(i, 3)), seen: [total, delta] };
    });
  });

  it("keeps the two outputs of a kernel apart", () => {
    expectSame((through) => {
      const f = through((x: Tensor) => {
        const { values, indices } = x.sort(1);
        return { values, indices, max: x.max(1), mean: x.mean(1), var: x.var(1), twice: [x.exp(), x.exp()] };
      });
      return { call: (i) => f(batch(i, 3, 4).flip([1])) };
    });
  });

  it("returns equal results that do not share memory", () => {
    const f = compile((x: Tensor) => [x.exp(), x.exp()] as const);
    const x = tensor([1, 2]);
    f(x);
    const [a, b] = f(x);
    a.mul_(0);
    expect(b.toArray()).toEqual(x.exp().toArray());
    expect(f(x)[0].toArray()).toEqual(x.exp().toArray());
  });

  it("returns gradients that the next call does not write", () => {
    expectSame((through) => {
      const [w, b] = [leaf(3, 2), leaf(2)];
      const optimizer = new SGD([w, b], { lr: 0.1 });
      const step = through((x: Tensor) => {
        optimizer.zeroGrad();
        x.matmul(w).add(b).square().mean().backward();
        optimizer.step();
        return [w.grad!, b.grad!];
      });
      return { call: (i) => step(batch(i, 4, 3)), seen: [w, b] };
    }, steps);
  });

  it("leaves gradients alone that the caller took between calls", () => {
    expectSame((through) => {
      const w = leaf(3, 2);
      const optimizer = new SGD([w], { lr: 0.1 });
      const step = through((x: Tensor) => {
        optimizer.zeroGrad();
        x.matmul(w).square().mean().backward();
        optimizer.step();
      });
      const call = (i: number) => {
        step(batch(i, 4, 3));
        return i % 2 === 0 ? w.grad : null;
      };
      return { call, seen: [w] };
    }, steps);
  });

  it("has the gradients of parameters that are sliced or tied", () => {
    expectSame((through) => {
      const [table, w] = [leaf(6, 3), leaf(3, 3)];
      const optimizer = new Adam([table, w], { lr: 0.05 });
      const step = through((x: Tensor) => {
        optimizer.zeroGrad();
        const [first, rest] = [table.narrow(0, 0, 3), table.narrow(0, 3, 3)];
        const hidden = x.matmul(first).tanh().matmul(w).add(x.matmul(rest));
        const y = hidden.matmul(w.transpose(0, 1)).matmul(table.transpose(0, 1));
        const loss = crossEntropy(y, tensor([0, 1, 2, 3], { dtype: "int32" }));
        loss.backward();
        clipGradNorm_([table, w], 1);
        optimizer.step();
        return loss;
      });
      return { call: (i) => step(batch(i, 4, 3)), seen: [table, w, optimizer] };
    }, steps);
  });

  it("has the gradient of a table that several layers share in chunks", () => {
    expectSame((through) => {
      const table = leaf(8, 4);
      const optimizer = new Adam([table], { lr: 0.05 });
      const step = stepOf(through, optimizer, (ids) => {
        const [a, b] = table.chunk(2, 1) as [Tensor, Tensor];
        const x = a.indexSelect(0, ids).add(b.indexSelect(0, ids));
        const y = x.matmul(a.transpose(0, 1)).add(x.matmul(b.transpose(0, 1)));
        return crossEntropy(y, ids);
      });
      return { call: () => step(randint([5], 8, { dtype: "int32" })), seen: [table, optimizer] };
    }, steps);
  });

  it("ties an embedding to the layer that reads it out", () => {
    class Tied extends Module {
      readonly embedding = new Embedding(6, 4);
      readonly hidden = new Linear(4, 4);
      forward(ids: Tensor): Tensor {
        const x = this.hidden.forward(this.embedding.forward(ids)).tanh();
        return x.matmul(this.embedding.weight.transpose(0, 1));
      }
    }
    expectSame((through) => {
      const model = new Tied();
      const optimizer = new Adam(model.parameters(), { lr: 0.05 });
      const step = stepOf(through, optimizer, (ids) => crossEntropy(model.forward(ids), ids));
      return { call: () => step(randint([5], 6, { dtype: "int32" })), seen: [model, optimizer] };
    }, steps);
  });

  it("does not write what the caller kept of the call before", () => {
    const f = compile((x: Tensor) => {
      const y = x.mul(2);
      return { y, view: y.narrow(0, 1, 1), sum: y.sum() };
    });
    const kept = [1, 2, 3, 4].map((value) => f(tensor([value, value])));
    expect(kept.map(({ sum }) => sum.item())).toEqual([4, 8, 12, 16]);
    expect(kept.map(({ y }) => y.toArray())).toEqual([1, 2, 3, 4].map((value) => [2 * value, 2 * value]));
    kept[3]!.view.fill_(0);
    expect(kept[3]!.y.toArray()).toEqual([8, 0]);
    expect(kept[2]!.y.toArray()).toEqual([6, 6]);
  });

  it("takes as input what it returned", () => {
    expectSame((through) => {
      const f = through((h: Tensor, x: Tensor) => h.mul(0.5).add(x).tanh());
      let h = zeros([3]);
      const call = (i: number) => {
        h = f(h, batch(i, 3));
        return h;
      };
      return { call };
    }, steps);
  });

  it("accumulates gradients over micro-batches", () => {
    expectSame(
      (through) => {
        const model = new Sequential(new Linear(3, 4), new ReLU(), new Linear(4, 1));
        const optimizer = new Adam(model.parameters(), { lr: 0.05 });
        const accumulate = through((x: Tensor) => {
          const loss = model.forward(x).square().mean().div(4);
          loss.backward();
          return loss;
        });
        const update = through(() => {
          const norm = clipGradNorm_(model.parameters(), 1);
          optimizer.step();
          optimizer.zeroGrad();
          return norm;
        });
        const call = (i: number) => [accumulate(batch(i, 2, 3)), i % 4 === 3 ? update() : null];
        return { call, seen: [model, optimizer] };
      },
      { calls: 40, recordings: 5 },
    );
  });

  it("accumulates in one call, and over calls with zeros left in place", () => {
    expectSame((through) => {
      const w = leaf(3);
      const optimizer = new SGD([w], { lr: 0.1, momentum: 0.5 });
      const step = through((x: Tensor, y: Tensor) => {
        optimizer.zeroGrad({ setToNone: false });
        x.mul(w).sum().backward();
        y.mul(w.square()).sum().backward();
        optimizer.step();
      });
      return { call: (i) => step(batch(i, 3), batch(i + 1, 3)), seen: [w, optimizer] };
    }, steps);
  });

  it("returns an input, and writes one", () => {
    expectSame((through) => {
      const f = through((x: Tensor, y: Tensor) => {
        x.add_(1);
        y.narrow(0, 0, 2).mul_(2);
        return [x, y.transpose(0, 1), x.add(y), x] as const;
      });
      const kept: Tensor[] = [];
      const call = (i: number) => {
        const [x, y] = [batch(i, 3, 3).clone(), batch(i + 1, 3, 3).clone()];
        kept.push(x, y);
        const result = f(x, y);
        expect(result[0]).toBe(x);
        expect(result[3]).toBe(x);
        return [result, x, y];
      };
      return { call, seen: kept };
    });
  });

  it("takes an empty tensor", () => {
    expectSame((through) => {
      const w = leaf(3, 2);
      const optimizer = new SGD([w], { lr: 0.1 });
      const step = through((x: Tensor) => {
        optimizer.zeroGrad();
        const loss = x.matmul(w).sum();
        loss.backward();
        optimizer.step();
        const y = x.matmul(w.detach());
        return [loss, y.relu(), cat([y, y]), y.exp().sum(1), x.clone().add_(1), zeros([0])];
      });
      return { call: () => step(zeros([0, 3])), seen: [w] };
    }, steps);
  });

  it("leaves results alone whose history is walked after the call", () => {
    expectSame(
      (through) => {
        const w = leaf(3, 2);
        const f = through((x: Tensor) => x.matmul(w).square());
        const call = (i: number) => {
          const y = f(batch(i, 4, 3));
          y.sum().backward();
          return y;
        };
        return { call, seen: [w] };
      },
      { recordings: 8 },
    );
  });

  it("takes a tensor of rank 0", () => {
    expectSame((through) => {
      const w = leaf();
      const optimizer = new Adam([w], { lr: 0.1 });
      const step = through((x: Tensor, scale: Tensor) => {
        optimizer.zeroGrad();
        const loss = x.mul(w).sub(scale).square();
        loss.backward();
        optimizer.step();
        scale.add_(1);
        return stack([loss, w, scale, x]);
      });
      const scale = tensor(1);
      return { call: (i) => step(tensor(i / 2), scale), seen: [w, optimizer, scale] };
    }, steps);
  });

  it("tells an argument from the same tensor in a closure", () => {
    const run = (isCompiled: boolean) => {
      const state = zeros([2]);
      const body = (x: Tensor) => {
        state.add_(x);
        return x.clone();
      };
      const f = isCompiled ? compile(body) : body;
      const others = [ones([2]), ones([2]).mul(3)];
      const results = [others[0]!, state, others[1]!, state, state, others[0]!].map((x) => f(x).toArray());
      return [results, state.toArray(), others.map((x) => x.toArray())];
    };
    expect(run(true)).toEqual(run(false));
  });

  it("adds to a gradient that is an argument, too, and to one that two tensors have", () => {
    const run = (isCompiled: boolean) => {
      const [a, b] = [ones([3], { requiresGrad: true }), ones([3], { requiresGrad: true })];
      const body = (x: Tensor) => {
        const doubled = x.mul(2);
        a.mul(doubled.detach()).add(b).sum().backward();
        return doubled.add(1);
      };
      const f = isCompiled ? compile(body) : body;
      const results = [0, 1, 2, 3].map((i) => f(ones([3]).mul(i)).toArray());
      results.push(f(a.grad!).toArray(), f(a.grad!).toArray());
      b.grad = a.grad;
      return [results, f(ones([3])).toArray(), f(b.grad!).toArray(), a.grad!.toArray(), b.grad!.toArray()];
    };
    expect(run(true)).toEqual(run(false));
  });

  it("leaves a gradient alone that another tensor has, too", () => {
    const run = (isCompiled: boolean) => {
      const [a, b] = [tensor([1, 2], { requiresGrad: true }), tensor([3, 4], { requiresGrad: true })];
      const through = <F extends (...args: never[]) => Tensor>(f: F) => (isCompiled ? compile(f) : f);
      const first = through((x: Tensor) => {
        a.grad = null;
        const loss = a.mul(x).square().sum();
        loss.backward();
        return loss.detach();
      });
      const share = through((x: Tensor) => {
        b.grad = a.grad;
        return x.add(1);
      });
      const seen: unknown[] = [];
      for (let i = 1; i < 8; i++) {
        first(tensor([i, -i]));
        if (i % 3 === 0) share(ones([1]));
        seen.push(i > 3 ? b.gradient!.toArray() : null, a.gradient!.toArray());
      }
      return seen;
    };
    expect(run(true)).toEqual(run(false));
  });
});

describe("random numbers", () => {
  it("are other ones at every call, in all their kinds", () => {
    expectSame((through) => {
      const f = through((p: Tensor) => {
        return [
          randn([3]),
          randint([4], 9),
          bernoulli(p),
          bernoulli([3], 0.3),
          randn([2], { dtype: "float64" }),
        ];
      });
      return { call: () => f(tensor([0.2, 0.5, 0.9])) };
    }, steps);
  });

  it("are other ones at every call, in every distribution", () => {
    expectSame((through) => {
      const weights = tensor([
        [0.25, 0, 1, 2],
        [1, 1, 1, 0],
      ]);
      const f = through((x: Tensor) => [
        normal(x, 2),
        normal(0, x.exp(), { generator: defaultGenerator }),
        exponential([3], 0.5),
        gumbel([3]),
        geometric([3], 0.3, { dtype: "int32" }),
        multinomial(weights, 1),
        multinomial(weights, 2),
        multinomial(weights, 5, { replacement: true }),
        uniform_(x.clone(), -1, 1),
        normal_(x.clone(), 1, 2),
        bernoulli_(x.clone(), 0.3),
        exponential_(x.clone(), 2),
      ]);
      return { call: () => f(tensor([0.2, 0.5, 0.9])) };
    }, steps);
  });

  it("are refused by a program where they are by the function", () => {
    const f = compile((weights: Tensor) => multinomial(weights, 2));
    for (const third of [1, 2]) f(tensor([1, 1, third]));
    expect(() => f(tensor([1, 0, 0]))).toThrow("multinomial: too few weights are above 0, 1 in row 0");
    const g = compile((std: Tensor) => normal(0, std));
    for (const std of [1, 2]) g(tensor([std]));
    expect(() => g(tensor([-1]))).toThrow("normal: a standard deviation is -1");
  });

  it("are the same ones in a checkpoint that runs again", () => {
    expectSame((through) => {
      const [first, second] = [new Linear(3, 6), new Linear(6, 1)];
      const block = new Sequential(new Dropout(0.5), first, new BatchNorm1d(6));
      const optimizer = new Adam([...block.parameters(), ...second.parameters()], { lr: 0.05 });
      const step = through((x: Tensor, y: Tensor) => {
        optimizer.zeroGrad();
        const hidden = checkpoint((x: Tensor) => block.forward(x), x);
        const loss = mseLoss(second.forward(hidden), y);
        loss.backward();
        optimizer.step();
        return loss;
      });
      return { call: (i) => step(batch(i, 4, 3), batch(i, 4, 1)), seen: [block, second, optimizer] };
    }, steps);
  });
});
