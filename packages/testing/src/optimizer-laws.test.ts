import { defineOptimizer, type OptimizerClass, SGD } from "@thalweg/optim";
import { pointwise, type Tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { forgetOperations } from "../test/forget-operations";
import { type LawOptions, optimizerLaws } from "./index";

forgetOperations();

/** The laws that an optimizer breaks, without its name. */
function broken<O extends object>(Class: OptimizerClass<O>, options: LawOptions<O> = {}): string[] {
  return optimizerLaws(Class, options).flatMap(({ name, run }) => {
    try {
      run();
      return [];
    } catch {
      return [name.slice(name.indexOf(" ") + 1)];
    }
  });
}

const laws = {
  converges: "descends a convex bowl",
  rests: "stays where the gradient is zero",
  resumes: "resumes from a saved state bit for bit",
  unordered: "does not depend on the order of parameters",
  frozen: "leaves parameters without a gradient alone",
  checked: "checks its options",
  bounded: "does not keep adding tensors",
  compiled: "compiles nothing in its second step",
  replayed: "takes the same steps when it is compiled",
} as const;

const Momentum = defineOptimizer({
  name: "momentum",
  options: { lr: 0.05, momentum: 0.8 },
  state: ["velocity"],
  update({ param, grad, velocity }, { lr, momentum }) {
    const v = velocity.mul(momentum).add(grad);
    return { param: param.sub(v.mul(lr)), velocity: v };
  },
});

type Momentum = InstanceType<typeof Momentum>;

/** The optimizer above with a fault in each instance. */
function altered(change: (optimizer: Momentum) => void): typeof Momentum {
  return new Proxy(Momentum, {
    construct(Class, args) {
      const optimizer = new Class(...(args as ConstructorParameters<typeof Momentum>));
      change(optimizer);
      return optimizer;
    },
  });
}

function afterStep(optimizer: Momentum, then: () => void): void {
  const step = optimizer.step.bind(optimizer);
  optimizer.step = ((closure: () => number) => {
    step(closure);
    then();
  }) as typeof optimizer.step;
}

describe("the laws of optimizers", () => {
  it("hold for a user's correct optimizer", () => {
    expect(broken(Momentum)).toEqual([]);
  });

  it("have names that begin with that of the optimizer", () => {
    expect(optimizerLaws(Momentum).map(({ name }) => name)).toEqual(
      Object.values(laws).map((law) => `momentum ${law}`),
    );
  });

  it("catch one that does not converge", () => {
    const Climber = defineOptimizer({
      name: "climber",
      options: { lr: 0.01 },
      state: [],
      update: ({ param, grad }, { lr }) => ({ param: param.add(grad.mul(lr)) }),
    });
    expect(broken(Climber)).toEqual([laws.converges]);
    expect(broken(SGD, { options: { lr: 1e-6 } })).toEqual([laws.converges]);
    expect(broken(SGD, { options: { lr: 10 } })).toEqual([laws.converges]);
  });

  it("catch one that moves where the gradient is zero, unless that is intended", () => {
    const Drifter = defineOptimizer({
      name: "drifter",
      options: { lr: 0.1 },
      state: [],
      update: ({ param, grad }, { lr }) => ({ param: param.sub(grad.mul(lr)).sub(1e-4) }),
    });
    expect(broken(Drifter)).toEqual([laws.rests]);
    expect(broken(Drifter, { zeroIsFixed: false })).toEqual([]);
  });

  it("catch one that loses its state, or part of it, when it is loaded", () => {
    const Forgetful = altered((optimizer) => {
      optimizer.loadStateDict = () => undefined;
    });
    expect(broken(Forgetful)).toEqual([laws.resumes]);
    const Restarting = altered((optimizer) => {
      const load = optimizer.loadStateDict.bind(optimizer);
      optimizer.loadStateDict = (saved) => {
        load(saved);
        for (const { tensors } of optimizer.state.values()) tensors.velocity!.zero_();
      };
    });
    expect(broken(Restarting)).toEqual([laws.resumes]);
  });

  it("catch one that keeps state outside of its state dict", () => {
    let steps = 0;
    const Counting = defineOptimizer({
      name: "counting",
      options: { lr: 0.05 },
      state: [],
      updateTensor({ param, grad }, { lr }) {
        steps++;
        return { param: param.sub(grad.mul(lr * (1 + (steps % 5)))) };
      },
    });
    const found = broken(Counting);
    expect(found).toContain(laws.resumes);
    expect(found).toContain(laws.unordered);
  });

  it("catch one that touches parameters without a gradient", () => {
    const Meddler = altered((optimizer) => {
      afterStep(optimizer, () => {
        for (const { params } of optimizer.paramGroups) {
          for (const param of params) if (param.grad === null) param.detach().add_(1);
        }
      });
    });
    expect(broken(Meddler)).toEqual([laws.frozen]);
  });

  it("catch one that accepts any option", () => {
    const Lenient = new Proxy(Momentum, {
      construct: (Class, [params]) => new Class(params as Tensor[]),
    });
    expect(broken(Lenient)).toEqual([laws.checked]);
  });

  it("catch one that keeps more with every step", () => {
    const Hoarder = altered((optimizer) => {
      afterStep(optimizer, () => {
        for (const { step, tensors } of optimizer.state.values())
          tensors[`copy${step}`] = tensors.velocity!.clone();
      });
    });
    expect(broken(Hoarder)).toContain(laws.bounded);
  });

  it("catch one that compiles a kernel at every step", () => {
    const Compiler = defineOptimizer({
      name: "compiler",
      options: { lr: 0.1 },
      state: [],
      updateTensor({ param, grad }, { lr }) {
        const move = pointwise("move", (p, g) => p.sub(g.mul(lr)));
        return { param: move(param, grad) };
      },
    });
    expect(broken(Compiler)).toEqual([laws.compiled]);
  });
});
