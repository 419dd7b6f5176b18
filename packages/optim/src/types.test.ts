import { type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  CyclicLR,
  clipGradNorm_,
  createOptimizer,
  defineOptimizer,
  LAMB,
  LBFGS,
  Lion,
  Muon,
  NAdam,
  OneCycleLR,
  type Optimizer,
  RAdam,
  RMSprop,
  SGD,
} from "./index";

const leaf = () => tensor([[1]], { requiresGrad: true });

describe("the class of an optimizer", () => {
  it("is the type of its objects, too", () => {
    const [adadelta, adagrad]: [Adadelta, Adagrad] = [new Adadelta([leaf()]), new Adagrad([leaf()])];
    const [adam, adamax, adamw]: [Adam, Adamax, AdamW] = [
      new Adam([leaf()]),
      new Adamax([leaf()]),
      new AdamW([leaf()]),
    ];
    const [lamb, lbfgs, lion]: [LAMB, LBFGS, Lion] = [
      new LAMB([leaf()]),
      new LBFGS([leaf()]),
      new Lion([leaf()]),
    ];
    const [muon, nadam, radam]: [Muon, NAdam, RAdam] = [
      new Muon([leaf()]),
      new NAdam([leaf()]),
      new RAdam([leaf()]),
    ];
    const [rmsprop, sgd]: [RMSprop, SGD] = [new RMSprop([leaf()]), new SGD([leaf()])];
    const all = [adadelta, adagrad, adam, adamax, adamw, lamb, lbfgs, lion, muon, nadam, radam, rmsprop, sgd];
    expect(all.map(({ name }) => name)).toEqual(all.map(({ constructor }) => constructor.name.toLowerCase()));
    expectTypeOf(new Adam([leaf()])).toEqualTypeOf<Adam>();
    expectTypeOf<InstanceType<typeof SGD>>().toEqualTypeOf<SGD>();
    expectTypeOf(sgd.paramGroups[0]!.momentum).toEqualTypeOf<number>();
    expectTypeOf(muon.paramGroups[0]!.adjustLrFn).toEqualTypeOf<"original" | "matchRmsAdamw">();
    // @ts-expect-error another optimizer has other options
    const other: SGD = adam;
    expect(other).toBe(adam);
  });

  it("narrows with instanceof", () => {
    const some = new SGD([leaf()]) as Optimizer | SGD;
    expect(some).toBeInstanceOf(SGD);
    if (some instanceof SGD) expectTypeOf(some.paramGroups[0]!.nesterov).toEqualTypeOf<boolean>();
    const made: Adam = createOptimizer("adam", [leaf()]);
    expect(made).toBeInstanceOf(Adam);
  });

  it("that a plugin makes has a type by InstanceType", () => {
    const Mine = defineOptimizer({
      name: "mine",
      options: { lr: 0.1, betas: [0.1, 0.2, 0.3] },
      state: [],
      update: ({ param }) => ({ param }),
    });
    type Mine = InstanceType<typeof Mine>;
    const mine: Mine = new Mine([leaf()]);
    expectTypeOf(mine.paramGroups[0]!.betas).toEqualTypeOf<[number, number, number]>();
    // Betas of any length.
    expect(new OneCycleLR(mine, { maxLr: 1, totalSteps: 3 }).optimizer).toBe(mine);
    expect(new CyclicLR(mine, { baseLr: 0, maxLr: 1 }).optimizer).toBe(mine);
  });
});

describe("parameters of a group and of clipping", () => {
  it("may be one tensor, or pairs of name and tensor", () => {
    const w: Tensor = leaf();
    const optimizer = new SGD([{ params: w }, { params: leaf(), lr: 1 }]);
    optimizer.addParamGroup({ params: leaf() });
    expect(optimizer.paramGroups.map(({ params }) => params.length)).toEqual([1, 1, 1]);
    expect(optimizer.paramGroups[0]!.params[0]).toBe(w);
    w.grad = tensor([[2]]);
    expect(clipGradNorm_([["w", w]], 1).item()).toBe(2);
    expect(w.grad.item()).toBeCloseTo(1, 5);
    const one = w as unknown as Tensor[];
    expect(() => new SGD(one)).toThrow(
      "SGD: params must be tensors in an array or another iterable, got a tensor of shape [1, 1]; put it into an array",
    );
  });
});
