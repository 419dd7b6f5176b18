import { ArgumentError, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, expectTypeOf, it } from "vitest";
import { names } from "../test/exported";
import type * as optim from "./index";
import {
  createOptimizer,
  defineOptimizer,
  type OptimizerClass,
  type OptimizerRegistry,
  optimizerNames,
  registerOptimizer,
  SGD,
} from "./index";

const leaf = (...data: number[]) => tensor(data, { requiresGrad: true });

/** A plugin as a user might write it. */
const Lookahead = defineOptimizer({
  name: "lookahead",
  options: { lr: 0.1, betas: [0.5, 0.25], signed: false },
  state: [],
  update: ({ param, grad }, { lr, signed }) => ({ param: param.sub((signed ? grad.sign() : grad).mul(lr)) }),
});

declare module "./registry" {
  interface OptimizerRegistry {
    lookahead: { lr: number; betas: [number, number]; signed: boolean };
  }
}

describe("the registry", () => {
  it("makes an optimizer from a name and its options", () => {
    const w = leaf(1);
    const optimizer = createOptimizer("sgd", [w], { lr: 0.5, momentum: 0.9 });
    expect(optimizer).toBeInstanceOf(SGD);
    expect(optimizer.name).toBe("sgd");
    expectTypeOf(optimizer.paramGroups[0]!.momentum).toEqualTypeOf<number>();
    expect(optimizer.paramGroups[0]).toMatchObject({ lr: 0.5, momentum: 0.9 });
  });

  it("knows a plugin once it is registered, by its types too", () => {
    expect(() => createOptimizer("lookahead", [leaf(1)])).toThrow(
      `createOptimizer: there is no optimizer "lookahead"; those registered are ${names.join(", ")}`,
    );
    registerOptimizer(Lookahead);
    registerOptimizer(Lookahead);
    expect(optimizerNames()).toEqual([...names, "lookahead"].sort());
    const optimizer = createOptimizer("lookahead", [{ params: [leaf(1)], signed: true }], {
      betas: [0.1, 0.2],
    });
    expect(optimizer.paramGroups[0]).toMatchObject({ betas: [0.1, 0.2], signed: true });
    expectTypeOf(optimizer.paramGroups[0]!.betas).toEqualTypeOf<[number, number]>();
    // @ts-expect-error an option that it does not have
    expect(() => createOptimizer("lookahead", [leaf(1)], { momentum: 1 })).toThrow('no option "momentum"');
  });

  it("refuses a name that does not exist, and an option of another optimizer", () => {
    // @ts-expect-error no optimizer of that name
    expect(() => createOptimizer("sdg", [leaf(1)])).toThrow('createOptimizer: there is no optimizer "sdg"');
    // @ts-expect-error an option of Adam
    expect(() => createOptimizer("sgd", [leaf(1)], { betas: [0.9, 0.9] })).toThrow(
      'createOptimizer: there is no option "betas"',
    );
  });

  it.each([undefined, null, 5, "sgd", {}, class {}, () => 1, { optimizerName: "x" }])(
    "does not register %o",
    (Class) => {
      const register = () => registerOptimizer(Class as never);
      expect(register).toThrow(ArgumentError);
      expect(register).toThrow(
        /^registerOptimizer: Class must be an optimizer's class, got .*; make it with defineOptimizer$/,
      );
    },
  );

  it.each([undefined, null, 5, "__proto__", "ADAM", {}, SGD])("refuses %o as a name", (name) => {
    const create = () => createOptimizer(name as "sgd", [leaf(1)]);
    expect(create).toThrow(ArgumentError);
    expect(create).toThrow(/^createOptimizer: there is no optimizer .*; .*those registered are adadelta, /);
  });

  it("says which name was meant, and names the function in errors of the options", () => {
    expect(() => createOptimizer("Adam" as "adam", [leaf(1)])).toThrow(
      'createOptimizer: there is no optimizer "Adam"; did you mean adam? those registered are adadelta, ',
    );
    expect(() => createOptimizer("adam", [leaf(1)], { lr: -1 })).toThrow(
      "createOptimizer: lr must be a finite number, at least 0, got -1; call it as new Adam(params, {",
    );
    expect(() => createOptimizer("adam", [])).toThrow("createOptimizer: there are no parameters; ");
  });

  it("registers a name for one class only", () => {
    const Impostor = defineOptimizer({
      name: "sgd",
      options: { lr: 1 },
      state: [],
      update: ({ param }) => ({ param }),
    });
    expect(() => registerOptimizer(Impostor)).toThrow(
      'registerOptimizer: there is another optimizer "sgd"; choose another name',
    );
    expect(createOptimizer("sgd", [leaf(1)])).toBeInstanceOf(SGD);
  });

  it("knows every optimizer of the library by its name, with its options", () => {
    for (const name of names) {
      const w = tensor([[1]], { requiresGrad: true });
      const optimizer = createOptimizer(name as keyof OptimizerRegistry, [w]);
      expect(optimizer.name).toBe(name);
    }
    expectTypeOf<"adam" | "sgd" | "lookahead">().toExtend<keyof OptimizerRegistry>();
    expectTypeOf<"Adam" | "nonsense">().not.toExtend<keyof OptimizerRegistry>();
    type Exports = typeof optim;
    type OptionsOf<Class> = Class extends OptimizerClass<infer O> ? O : never;
    type All = { [Name in keyof Exports]: OptionsOf<Exports[Name]> }[keyof Exports];
    expectTypeOf<All>().toExtend<OptimizerRegistry[keyof OptimizerRegistry]>();
    type Group<Name extends keyof OptimizerRegistry> = ReturnType<
      typeof createOptimizer<Name>
    >["paramGroups"][number];
    expectTypeOf<Group<"lbfgs">["lineSearchFn"]>().toEqualTypeOf<"strongWolfe" | null>();
    expectTypeOf<Group<"muon">["nsCoefficients"]>().toEqualTypeOf<[number, number, number]>();
    expectTypeOf<Group<"lamb">["maxNorm"]>().toEqualTypeOf<number | null>();
    expectTypeOf<Group<"nadam">["momentumDecay"]>().toEqualTypeOf<number>();
  });

  it("has types for the values of options, in groups too", () => {
    const params: Tensor[] = [leaf(1)];
    expect(() => {
      // @ts-expect-error one of two names
      createOptimizer("lbfgs", params, { lineSearchFn: "armijo" });
    }).toThrow(
      'createOptimizer: lineSearchFn must be null or "strongWolfe", got "armijo"; call it as new LBFGS(params, ',
    );
    expect(() => {
      // @ts-expect-error an option of another optimizer, in a group
      createOptimizer("sgd", [{ params, rho: 1 }]);
    }).toThrow('createOptimizer: there is no option "rho"; options: lr, momentum, dampening, weightDecay');
    expect(() => {
      // @ts-expect-error a number that is a text
      createOptimizer("adadelta", params, { rho: "0.9" });
    }).toThrow('createOptimizer: rho must be a finite number, at least 0 and at most 1, got "0.9"; ');
  });
});
