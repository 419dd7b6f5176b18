import { detectAnomaly, enableGrad, noGrad } from "@thalweg/autograd";
import { BatchNorm1d, Dropout, Embedding, Linear, Sequential } from "@thalweg/nn";
import { Adam, clipGradNorm_, LBFGS, ReduceLROnPlateau, SGD, StepLR } from "@thalweg/optim";
import { bernoulli, ones, profile, randn, type Tensor, tensor, where, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { expectSame, shown, thrownBy } from "../test/twins";
import { compile } from "./index";

const x = tensor([1, 2]);

describe("what cannot be replayed is an error", () => {
  it.each<[string, (x: Tensor) => unknown]>([
    ["item", (x) => x.sum().item()],
    ["toArray", (x) => x.toArray()],
    ["dataSync", (x) => x.dataSync()],
    ["data", (x) => x.data()],
    ["toArrayAsync", (x) => x.toArrayAsync()],
    ["itemAsync", (x) => x.sum().itemAsync()],
    ["toString", (x) => String(x)],
    ["[Symbol.toPrimitive]", (x) => +x.sum()],
  ])("%s inside of the function, also where it is caught", (_, read) => {
    const refused: unknown[] = [];
    const reading = (isCaught: boolean) =>
      compile(
        (x: Tensor) => {
          try {
            const result = read(x.mul(2));
            if (result instanceof Promise) result.catch((error) => refused.push(error));
          } catch (error) {
            if (!isCaught) throw error;
          }
          x.mul_(2);
          return x;
        },
        { name: "step" },
      );
    for (const isCaught of [false, true]) {
      expect(() => reading(isCaught)(x)).toThrow(/: reads elements inside of step, which is recorded/);
      expect(x.toArray()).toEqual([1, 2]);
    }
  });

  it("says what to do instead, which works", () => {
    const f = compile((x: Tensor) => where(x.sum().gt(0), x, x.neg()));
    for (const values of [
      [1, 2],
      [-1, -2],
      [3, 4],
    ]) {
      expect(f(tensor(values)).toArray()).toEqual(values.map(Math.abs));
    }
  });

  it("a promise, as an argument and as a result", () => {
    const f = compile((async (x: Tensor) => x) as unknown as (x: Tensor) => Tensor, { name: "waits" });
    expect(() => f(x)).toThrow("waits: its result is a promise, and a program cannot wait");
    const g = compile((x: Tensor) => x, { name: "waits" });
    expect(() => g(Promise.resolve(x) as unknown as Tensor)).toThrow("waits: arguments[0] is a promise");
  });

  it("values that are neither plain nor tensors, with their path", () => {
    const g = compile((_: unknown) => {}, { name: "step" } as object) as (value: unknown) => void;
    expect(() => g({ a: [new Map()] })).toThrow("step: arguments[0].a[0] is");
    expect(() => g(() => 1)).toThrow("step: arguments[0] is");
  });

  it("a tensor of the recording that is used after it", () => {
    let kept: Tensor | undefined;
    const f = compile((x: Tensor) => {
      kept = x.mul(2);
      return kept.add(1);
    });
    f(x);
    expect(() => kept!.toArray()).toThrow("was made inside of a compiled function");
    expect(() => kept!.add(1)).toThrow("return it from the function");
    expect(f(x).toArray()).toEqual([3, 5]);
  });

  it("an optimizer that evaluates the loss itself", () => {
    const w = randn([2], { requiresGrad: true });
    const optimizer = new LBFGS([w]);
    const before = shown([w, optimizer]);
    const f = compile(() => {
      optimizer.step(() => {
        optimizer.zeroGrad();
        const loss = w.square().sum();
        loss.backward();
        return loss.item();
      });
    });
    expect(f).toThrow(/^LBFGS\.step: /);
    expect(shown([w, optimizer])).toEqual(before);
  });

  it("a step of a scheduler, with nothing changed", () => {
    const optimizer = new SGD([randn([2], { requiresGrad: true })], { lr: 0.1 });
    const schedulers = [new StepLR(optimizer, { stepSize: 1 }), new ReduceLROnPlateau(optimizer)] as const;
    expect(compile(() => schedulers[0].step())).toThrow(
      /^StepLR\.step: .*call it after the compiled function/,
    );
    expect(compile(() => schedulers[1].step(1))).toThrow(/^ReduceLROnPlateau\.step: /);
    expect(schedulers[0].lastEpoch).toBe(0);
    expect(optimizer.paramGroups[0]!.lr).toBe(0.1);
  });

  it("a norm that is checked while it is clipped", () => {
    const w = randn([2], { requiresGrad: true });
    const f = compile(() => {
      w.square().sum().backward();
      clipGradNorm_([w], 1, { errorIfNonfinite: true });
    });
    expect(f).toThrow("clipGradNorm_: ");
    expect(w.grad).toBeNull();
  });
});

/** A step that uses everything that has to be restored. */
function everything() {
  const embedding = new Embedding(5, 3);
  const model = new Sequential(new Linear(3, 4), new BatchNorm1d(4), new Dropout(0.5), new Linear(4, 2));
  const optimizer = new Adam([...embedding.parameters(), ...model.parameters()], { lr: 0.05 });
  const total = zeros([2]);
  const seen = [embedding, model, optimizer, total];
  const update = (x: Tensor) => {
    optimizer.zeroGrad();
    const y = model.forward(x);
    y.square().mean().backward();
    optimizer.step();
    noGrad(() => total.add_(y.detach().sum(0)));
    x.mul_(2);
  };
  return { embedding, optimizer, total, seen, update };
}

describe("an exception in the function leaves no trace", () => {
  it("when it is recorded", () => {
    const { seen, update } = everything();
    let fails = true;
    const f = compile((x: Tensor) => {
      update(x);
      if (fails) throw new RangeError("of the user");
    });
    for (let i = 0; i < 2; i++) {
      const x = randn([4, 3]);
      const before = shown([...seen, x]);
      expect(() => f(x)).toThrow(new RangeError("of the user"));
      expect(shown([...seen, x])).toEqual(before);
    }
    fails = false;
    f(randn([4, 3]));
    f(randn([4, 3]));
    f(randn([4, 3]));
  });

  it.each<[string, (all: ReturnType<typeof everything>, bad: Tensor) => Tensor, Tensor, Tensor]>([
    [
      "for an index that is out of range",
      ({ embedding }, ids) => embedding.forward(ids).detach(),
      tensor([1, 2], { dtype: "int32" }),
      tensor([1, 7], { dtype: "int32" }),
    ],
    ["for a probability that is out of range", (_, p) => bernoulli(p), tensor([0.5, 1]), tensor([0.5, 2])],
  ])("when it is replayed, %s after everything was updated", (_, last, good, bad) => {
    expectSame(
      (through) => {
        const all = everything();
        const f = through((x: Tensor, given: Tensor) => {
          all.update(x);
          return last(all, given);
        });
        const seen = [...all.seen];
        const call = (i: number) => {
          const x = randn([4, 3]);
          seen.push(x);
          if (i % 4 !== 3) return f(x, good);
          // Eager mode would leave half of a step behind: it does not try.
          if (f.name === "" || !("explain" in f)) return null;
          const before = shown(seen);
          expect(thrownBy(() => f(x, bad))).toMatch(/index|probability/);
          expect(shown(seen)).toEqual(before);
          return null;
        };
        return { call, seen };
      },
      { calls: 32, recordings: 3 },
    );
  });

  it("when an option of an optimizer is refused at a replay", () => {
    const { seen, update, optimizer } = everything();
    const f = compile(update);
    for (let i = 0; i < 4; i++) f(randn([4, 3]));
    const x = randn([4, 3]);
    optimizer.paramGroups[0]!.lr = Number.NaN;
    const before = shown([...seen, x]);
    expect(() => f(x)).toThrow(/^Adam/);
    expect(shown([...seen, x])).toEqual(before);
    optimizer.paramGroups[0]!.lr = 0.1;
    f(x);
  });

  it("when the function catches it, as in eager mode", () => {
    expectSame((through) => {
      const f = through((x: Tensor) => {
        try {
          return x.reshape([5]);
        } catch {
          return x.neg();
        }
      });
      return { call: () => f(randn([3])) };
    });
  });
});

describe("a compiled function runs inside of", () => {
  const nested =
    (wrap: (body: () => Tensor) => Tensor, recordings = 4) =>
    () =>
      expectSame(
        (through) => {
          const w = randn([3], { requiresGrad: true });
          const optimizer = new SGD([w], { lr: 0.1 });
          const f = through((x: Tensor) => {
            optimizer.zeroGrad();
            const loss = enableGrad(() => w.mul(x).square().sum());
            loss.backward();
            optimizer.step();
            return loss.detach();
          });
          return { call: () => wrap(() => f(randn([3]))), seen: [w, optimizer] };
        },
        { recordings },
      );

  it("noGrad", nested(noGrad));
  // It reads every gradient: the function runs eagerly.
  it("detectAnomaly", nested(detectAnomaly, 8));
  it(
    "a profile",
    nested((body) => {
      let y: Tensor | undefined;
      profile(() => {
        y = body();
      });
      return y!;
    }),
  );

  it("another compiled function, as a part of it", () => {
    expectSame(
      (through) => {
        const w = randn([3], { requiresGrad: true });
        const optimizer = new SGD([w], { lr: 0.1, momentum: 0.9 });
        const loss = through((x: Tensor) => w.mul(x).square().sum());
        const update = through(() => {
          optimizer.step();
          optimizer.zeroGrad();
        });
        const step = through((x: Tensor) => {
          const y = loss(x);
          y.backward();
          update();
          return y;
        });
        const call = (i: number) => {
          if (i % 5 === 4) update();
          return step(randn([3]));
        };
        return { call, seen: [w, optimizer] };
      },
      { calls: 30, recordings: 12 },
    );
  });

  it("a hook of a tensor", () => {
    expectSame((through) => {
      const w = randn([3], { requiresGrad: true });
      const limit = through((g: Tensor) => g.clamp(-1, 1));
      w.registerHook((g) => limit(g));
      const call = () => {
        w.mul(randn([3]))
          .sum()
          .mul(5)
          .backward();
      };
      return { call, seen: [w] };
    });
  });

  it("itself, for a smaller input", () => {
    const f: (x: Tensor) => Tensor = compile(
      (x: Tensor): Tensor => (x.shape[0] === 1 ? x : f(x.narrow(0, 0, 1)).add(x.sum())),
    );
    for (let i = 0; i < 3; i++) expect(f(ones([3])).toArray()).toEqual([4]);
  });
});

it("hooks of tensors that are inside of the function do the same at every call", () => {
  expectSame(
    (through) => {
      const w = randn([3], { requiresGrad: true });
      w.registerHook((g) => g.mul(2));
      w.registerPostAccumulateGradHook((w) => {
        noGrad(() => w.sub_(w.grad!.mul(0.1)));
        w.grad = null;
      });
      const f = through((x: Tensor) => {
        w.mul(x).square().sum().backward();
      });
      return { call: () => f(randn([3])), seen: [w] };
    },
    { calls: 30 },
  );
});
