import { mseLoss } from "@thalweg/losses";
import { BatchNorm1d, Dropout, Linear, ReLU, Sequential } from "@thalweg/nn";
import {
  Adam,
  AdamW,
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  CyclicLR,
  createOptimizer,
  defineOptimizer,
  ExponentialLR,
  LAMB,
  LambdaLR,
  LinearLR,
  MultiStepLR,
  OneCycleLR,
  type OptimizerRegistry,
  optimizerNames,
  ReduceLROnPlateau,
  type Schedulable,
  SequentialLR,
  SGD,
  StepLR,
} from "@thalweg/optim";
import { defaultGenerator, Generator, manualSeed, randn, type Tensor, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { expectSame, type Scene, type Through } from "../test/twins";
import { compile } from "./index";

/** Enough steps to tell what is frozen from what moves slowly. */
const steps = { calls: 32, recordings: 3 };

/** A model that is trained, and its optimizer: `change` is called before each step. */
function training<O extends { step(): unknown; zeroGrad(): void }>(
  make: (params: Tensor[]) => O,
  change: (optimizer: O, i: number, model: Sequential) => void = () => {},
): (through: Through) => Scene {
  return (through) => {
    const model = new Sequential(new Linear(3, 4), new ReLU(), new Linear(4, 2));
    const optimizer = make(model.parameters().filter((_, i) => i !== 3));
    const step = through((x: Tensor, y: Tensor) => {
      const loss = mseLoss(model.forward(x), y);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    });
    const call = (i: number) => {
      change(optimizer, i, model);
      return step(randn([5, 3]), randn([5, 2]));
    };
    return { call, seen: [model, optimizer] };
  };
}

describe("what is data: the options of an optimizer", () => {
  it("lr by assignment", () => {
    expectSame(
      training(
        (params) => new Adam(params, { lr: 0.1 }),
        (optimizer, i) => {
          optimizer.paramGroups[0]!.lr = i % 5 === 0 ? 0 : 0.1 / (1 + i);
        },
      ),
      steps,
    );
  });

  it("momentum, dampening and weight decay by assignment", () => {
    expectSame(
      training(
        (params) => new SGD(params, { lr: 0.1, momentum: 0.9, dampening: 0.1, weightDecay: 0.01 }),
        (optimizer, i) => {
          Object.assign(optimizer.paramGroups[0]!, {
            momentum: 0.9 - i / 100,
            dampening: i / 100,
            weightDecay: i / 1000,
          });
        },
      ),
      steps,
    );
  });

  it("betas by assignment of a list, and to an element of it", () => {
    expectSame(
      training(
        (params) => new AdamW(params, { lr: 0.1 }),
        (optimizer, i) => {
          const group = optimizer.paramGroups[0]!;
          if (i % 2 === 0) group.betas = [0.9 - i / 100, 0.99];
          else (group.betas as [number, number])[1] = 0.99 - i / 100;
          group.eps = 1e-8 * (i + 1);
        },
      ),
      steps,
    );
  });

  it("those of an optimizer that computes with tensors", () => {
    expectSame(
      training(
        (params) => new LAMB(params, { lr: 0.1, maxNorm: 0.5 }),
        (optimizer, i) => {
          Object.assign(optimizer.paramGroups[0]!, { lr: 0.1 / (i + 1), weightDecay: i / 1000 });
        },
      ),
      steps,
    );
  });

  it("those of each group", () => {
    expectSame(
      training(
        ([a, b, ...rest]) =>
          new SGD(
            [
              { params: [a!, b!], lr: 0.3 },
              { params: rest, momentum: 0.5 },
            ],
            { lr: 0.1 },
          ),
        (optimizer, i) => {
          optimizer.paramGroups[0]!.lr = 0.3 / (i + 1);
          optimizer.paramGroups[1]!.momentum = i / 40;
        },
      ),
      steps,
    );
  });

  it("options that choose another kernel make another program", () => {
    expectSame(
      training(
        (params) => new SGD(params, { lr: 0.1, momentum: 0.9 }),
        (optimizer, i) => {
          optimizer.paramGroups[0]!.nesterov = i % 3 === 0;
          optimizer.paramGroups[0]!.momentum = i % 4 === 0 ? 0.5 : 0.9;
        },
      ),
      { calls: 32, recordings: 6 },
    );
    expectSame(
      training(
        (params) => new Adam(params, { lr: 0.1 }),
        (optimizer, i) => {
          optimizer.paramGroups[0]!.amsgrad = i > 10;
        },
      ),
      { calls: 32, recordings: 6 },
    );
  });
});

const schedulers: Record<string, (optimizer: Schedulable) => { step(metric: number): void }> = {
  LambdaLR: (o) => new LambdaLR(o, { lrLambda: (epoch) => 0.9 ** epoch }),
  StepLR: (o) => new StepLR(o, { stepSize: 3, gamma: 0.5 }),
  MultiStepLR: (o) => new MultiStepLR(o, { milestones: [2, 5, 5], gamma: 0.5 }),
  ExponentialLR: (o) => new ExponentialLR(o, { gamma: 0.9 }),
  LinearLR: (o) => new LinearLR(o, { startFactor: 0.9, endFactor: 0.1, totalIters: 8 }),
  CosineAnnealingLR: (o) => new CosineAnnealingLR(o, { tMax: 5, etaMin: 0.01 }),
  CosineAnnealingWarmRestarts: (o) => new CosineAnnealingWarmRestarts(o, { t0: 2, tMult: 2, etaMin: 0.01 }),
  OneCycleLR: (o) => new OneCycleLR(o, { maxLr: 0.1, totalSteps: 40 }),
  CyclicLR: (o) => new CyclicLR(o, { baseLr: 0.01, maxLr: 0.1, stepSizeUp: 3 }),
  SequentialLR: (o) =>
    new SequentialLR(o, {
      schedulers: [new LinearLR(o, { totalIters: 3 }), new StepLR(o, { stepSize: 2, gamma: 0.5 })],
      milestones: [4],
    }),
  ReduceLROnPlateau: (o) => new ReduceLROnPlateau(o, { patience: 1, factor: 0.5 }),
};

describe.each(Object.entries(schedulers))("what is data: the rates of %s", (_, make) => {
  it.each([SGD, Adam])("with %o", (Class) => {
    expectSame((through) => {
      const w = randn([3, 2], { requiresGrad: true });
      const optimizer = new Class([w], { lr: 0.1, ...(Class === SGD ? { momentum: 0.9 } : {}) });
      const scheduler = make(optimizer);
      const step = through((x: Tensor) => {
        const loss = x.matmul(w).square().mean();
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
        return loss;
      });
      const call = () => {
        const loss = step(randn([4, 3]));
        scheduler.step(loss.item());
        return loss;
      };
      return { call, seen: [w, optimizer] };
    }, steps);
  });
});

describe.each(optimizerNames().filter((name) => name !== "lbfgs"))(
  "what is data: the steps of %s",
  (name) => {
    it("for parameters that have a gradient", () => {
      expectSame(
        (through) => {
          const [w, v] = [randn([3, 2], { requiresGrad: true }), randn([3, 2], { requiresGrad: true })];
          const optimizer = createOptimizer(name as keyof OptimizerRegistry, [w, v], { lr: 0.01 });
          const step = through((x: Tensor, both: boolean) => {
            const y = both ? x.matmul(w.add(v)) : x.matmul(w);
            optimizer.zeroGrad();
            y.square().mean().backward();
            optimizer.step();
          });
          return { call: (i) => step(randn([4, 3]), i % 7 === 3), seen: [w, v, optimizer] };
        },
        { calls: 32, recordings: 8 },
      );
    });
  },
);

describe("what is data", () => {
  it("the numbers that a rule of a third party keeps", () => {
    const Warm = defineOptimizer({
      name: "warm",
      options: { lr: 0.1, decay: 0.5 },
      state: ["velocity"],
      numbers: { scale: 1 },
      advance: ({ scale }, { decay, step }) => ({ scale: scale * decay + 1 / step }),
      update: ({ param, grad, velocity, scale }, { lr }) => {
        const v = velocity.add(grad.mul(scale));
        return { param: param.sub(v.mul(lr)), velocity: v };
      },
    });
    expectSame(
      training(
        (params) => new Warm(params),
        (optimizer, i) => {
          optimizer.paramGroups[0]!.decay = 0.5 - i / 100;
        },
      ),
      steps,
    );
  });

  it("contents of tensors that the function closes over", () => {
    expectSame((through) => {
      const [scale, shift] = [tensor([1, 2, 3]), tensor(0)];
      const f = through((x: Tensor) => x.mul(scale).add(shift));
      const call = (i: number) => {
        scale.mul_(1.1);
        shift.fill_(i);
        return f(randn([2, 3]));
      };
      return { call, seen: [scale, shift] };
    });
  });

  it("the state of a model and of an optimizer that is loaded", () => {
    expectSame(
      (through) => {
        const model = new Sequential(
          new Linear(3, 4),
          new BatchNorm1d(4),
          new Dropout(0.5),
          new Linear(4, 2),
        );
        const optimizer = new Adam(model.parameters(), { lr: 0.05 });
        const step = through((x: Tensor) => {
          const loss = model.forward(x).square().mean();
          optimizer.zeroGrad();
          loss.backward();
          optimizer.step();
          return loss;
        });
        let saved:
          | { model: Record<string, Tensor>; optimizer: ReturnType<typeof optimizer.stateDict> }
          | undefined;
        const call = (i: number) => {
          if (i % 10 === 4) {
            const entries = Object.entries(model.stateDict()).map(([key, x]) => [key, x.clone()]);
            saved = { model: Object.fromEntries(entries), optimizer: optimizer.stateDict() };
          }
          if (i % 10 === 9) {
            model.loadStateDict(saved!.model);
            optimizer.loadStateDict(saved!.optimizer);
          }
          return step(randn([4, 3]));
        };
        return { call, seen: [model, optimizer] };
      },
      { calls: 40, recordings: 12 },
    );
  });

  it("the seed of a generator, and where it is", () => {
    expectSame((through) => {
      const own = new Generator(3);
      const f = through((x: Tensor) => [x.add(randn([3], { generator: own })), randn([2])]);
      const call = (i: number) => {
        if (i % 5 === 2) own.manualSeed(i);
        if (i % 7 === 3) manualSeed(i);
        if (i % 7 === 5) defaultGenerator.setState({ seed: 2, position: 10 * i });
        randn([i]);
        return f(zeros([3]));
      };
      return { call, seen: [own] };
    }, steps);
  });

  it("elements of inputs in arrays and objects", () => {
    expectSame((through) => {
      const f = through(
        ({ xs, at }: { xs: readonly Tensor[]; at: { y: Tensor } }, [z]: readonly [Tensor]) => ({
          sum: xs.reduce((a, b) => a.add(b)).mul(at.y),
          rest: [z.exp(), null, "text", 3, { x: xs[0]! }],
        }),
      );
      return { call: () => f({ xs: [randn([2]), randn([2])], at: { y: randn([]) } }, [randn([1])]) };
    });
  });

  it("gradients that were there before", () => {
    expectSame(
      (through) => {
        const w = randn([3], { requiresGrad: true });
        const f = through((x: Tensor) => {
          w.mul(x).sum().backward();
          return w.grad!.clone();
        });
        const call = (i: number) => {
          if (i % 5 === 4) w.grad = null;
          if (i % 5 === 2) w.grad = randn([3]);
          if (i % 5 === 3) w.grad!.mul_(2);
          return f(randn([3]));
        };
        return { call, seen: [w] };
      },
      { calls: 32, recordings: 3 },
    );
  });

  it("gradients that the function sets to its inputs", () => {
    expectSame(
      (through) => {
        const w = randn([3], { requiresGrad: true });
        const optimizer = new SGD([w], { lr: 0.5 });
        const f = through((g: Tensor) => {
          w.grad = g;
          optimizer.step();
        });
        return { call: () => f(randn([3])), seen: [w] };
      },
      { calls: 8, recordings: 3 },
    );
  });

  it("inputs that require grad get their own gradients", () => {
    expectSame(
      (through) => {
        const f = through((x: Tensor) => {
          x.square().sum().backward();
        });
        const seen: Tensor[] = [];
        const call = () => {
          const x = randn([3], { requiresGrad: true });
          seen.push(x);
          f(x);
          if (seen.length % 2 === 0) f(x);
          return x.grad;
        };
        return { call, seen };
      },
      { recordings: 20 },
    );
  });

  it("side effects happen when they are recorded, and not again", () => {
    let count = 0;
    const f = compile((x: Tensor) => {
      count++;
      return x.add(1);
    });
    for (let i = 0; i < 3; i++) expect(f(tensor(i)).item()).toBe(i + 1);
    expect(count).toBe(1);
  });
});
