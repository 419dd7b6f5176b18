import { fc, test } from "@fast-check/vitest";
import { type Tensor, ThalwegError, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import * as exported from "../test/exported";
import * as optim from "./index";

/** Raised in long runs by hand. */
const numRuns = Number(process.env.THALWEG_CALLS ?? 6000);

const leaf = (...data: number[]) => {
  const w = tensor(data, { requiresGrad: true });
  w.grad = tensor(data.map((x) => x / 2));
  return w;
};

type Values = Record<string, unknown>;
const pair = () => tensor([[1, 2]], { requiresGrad: true, dtype: "float32" });
const sgd = () => new optim.SGD([leaf(1, 2)], { lr: 0.1, momentum: 0.5 });
const expr = { name: "mine", options: { lr: 1 }, state: [], update: ({ param }: Values) => ({ param }) };

/** Right and wrong values of every kind that a program might pass. */
const values: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    true,
    false,
    0,
    1,
    -1,
    0.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e300,
    2 ** 53,
  ),
  fc.constantFrom<unknown>(
    "",
    "x",
    "0.5",
    "adam",
    "min",
    "sgd",
    "__proto__",
    1n,
    Symbol("s"),
    Symbol.iterator,
  ),
  fc.constantFrom<unknown>(
    () => 1,
    () => undefined,
    () => "x",
    () => ({}),
    async () => 1,
    class {},
    Math.max,
    optim.SGD,
  ),
  fc
    .constantFrom<() => unknown>(
      () => [],
      () => [1],
      () => [undefined],
      () => [[], [1, 2]],
      () => ["a", "b"],
      () => ({}),
      () => Object.create(null),
      () => new Map([["a", 1]]),
      () => new Date(0),
      () => /x/,
      () => new Float32Array(2),
      () => new Error("x"),
      () => leaf(1, 2),
      () => [leaf(1, 2)],
      () => [leaf(1).mul(2)],
      () => [["w", leaf(3)]],
      () => [[7, leaf(3)]],
      () => new Set([leaf(1)]),
      () => ({ params: leaf(1) }),
      () => [{ params: [leaf(1)], lr: "x" }],
      () => [{ params: 7 }],
      () => ({ parameters: () => [leaf(1)] }),
      () => sgd(),
      () => sgd().stateDict(),
      () => ({ ...sgd().stateDict(), groups: [{ params: ["0"], options: { lr: -1 } }] }),
      () => ({ paramGroups: 1 }),
      () => ({ paramGroups: [{ lr: "x" }] }),
      () => new optim.StepLR(sgd(), { stepSize: 1 }),
      () => new optim.StepLR(sgd(), { stepSize: 1 }).stateDict(),
      () => new optim.ReduceLROnPlateau(sgd()).stateDict(),
      () => expr,
      () => ({ ...expr, update: () => 5 }),
      () => ({ ...expr, options: { lr: "x" } }),
    )
    .map((make) => make()),
);

const names = [
  "lr betas momentum eps weightDecay nesterov maxIter historySize lineSearchFn params copy setToNone normType",
  "errorIfNonfinite stepSize gamma milestones lrLambda tMax etaMin t0 tMult totalIters startFactor endFactor baseLr maxLr",
  "stepSizeUp mode scaleFn totalSteps pctStart divFactor threePhase cycleMomentum baseMomentum patience factor minLr",
  "schedulers name options limits state update updateTensor search fits numbers advance initial version groups lastEpoch",
].flatMap((line) => line.split(" "));
const option = fc.oneof(values, fc.array(values, { maxLength: 3 }));
const options = fc.dictionary(fc.constantFrom(...names, "__proto__", "LR", "x"), option, { maxKeys: 4 });
const argument = fc.oneof(
  { weight: 2, arbitrary: values },
  { weight: 1, arbitrary: fc.array(values, { maxLength: 3 }) },
  { weight: 2, arbitrary: options },
);
const args = fc.array(argument, { maxLength: 4 });

/** A function and its name. */
interface Call {
  readonly name: string;
  readonly method?: string;
  run(args: readonly unknown[]): unknown;
  /** The state that a refused call must not change. */
  state(): string;
}

const isClass = (value: unknown) => /^class\b/.test(Function.prototype.toString.call(value));
const bits = (w: Tensor) => [w.toArray(), w.grad?.toArray()];

function statesOf(target: Pick<optim.Optimizer, "paramGroups" | "state">): string {
  const { paramGroups, state } = target;
  return JSON.stringify([
    paramGroups.map(({ params, ...rest }) => [params.map(bits), rest]),
    [...state.values()].map(({ step, numbers, tensors }) => [
      step,
      numbers,
      Object.entries(tensors).map(([name, x]) => [name, bits(x)]),
    ]),
  ]);
}

const publicCalls: (() => Call)[] = Object.entries(optim).map(([name, value]) => () => {
  const w = leaf(1, 2);
  const before = (given: readonly unknown[]) => given.map((x) => (x === "w" ? [w] : x));
  return {
    name,
    run: (given) =>
      isClass(value)
        ? new (value as new (...given: unknown[]) => unknown)(...before(given))
        : (value as (...given: unknown[]) => unknown)(...before(given)),
    state: () => JSON.stringify([bits(w), optim.optimizerNames().length]),
  };
});

const methodsOf = (target: object): string[] => {
  const found = new Set<string>();
  for (
    let level = Object.getPrototypeOf(target);
    level !== Object.prototype;
    level = Object.getPrototypeOf(level)
  ) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (typeof value === "function" && name !== "constructor") found.add(name);
    }
  }
  // Members that TypeScript protects.
  const hidden = [
    "advance",
    "add",
    "op",
    "evaluate",
    "checkGroups",
    "checkGradients",
    "checkOptions",
    "stateOf",
    "next",
    "nextMomentum",
    "isLate",
    "apply",
    "change",
    "firstRates",
  ];
  const inner = ["between", "height", "after", "improves"];
  return [...found].filter((name) => ![...hidden, ...inner].includes(name));
};

const optimizers = exported.names.map((name) => () => {
  const target = optim.createOptimizer(name as "adam", [["w", pair()]]) as optim.Optimizer;
  const [w] = target.paramGroups[0]!.params;
  w!.grad = tensor([[0.5, -1]]);
  target.step(() => 1);
  return target;
});

const schedulers: ((target: optim.SGD) => object)[] = [
  (o) => new optim.LambdaLR(o, { lrLambda: (epoch) => 1 / (epoch + 1) }),
  (o) => new optim.StepLR(o, { stepSize: 2 }),
  (o) => new optim.MultiStepLR(o, { milestones: [1] }),
  (o) => new optim.ExponentialLR(o, { gamma: 0.5 }),
  (o) => new optim.LinearLR(o),
  (o) => new optim.CosineAnnealingLR(o, { tMax: 3 }),
  (o) => new optim.CosineAnnealingWarmRestarts(o, { t0: 2, tMult: 2 }),
  (o) => new optim.CosineWarmupLR(o, { warmupSteps: 1, totalSteps: 3 }),
  (o) => new optim.SWALR(o, { swaLr: 0.1 }),
  (o) => new optim.OneCycleLR(o, { maxLr: 1, totalSteps: 4 }),
  (o) => new optim.CyclicLR(o, { baseLr: 0.1, maxLr: 1 }),
  (o) => new optim.ReduceLROnPlateau(o),
  (o) => new optim.SequentialLR(o, { schedulers: [new optim.StepLR(o, { stepSize: 1 })], milestones: [] }),
];

const call = (target: object, method: string, state: () => string): Call => ({
  name: target.constructor.name,
  method,
  run: (given) => (target as Record<string, (...given: unknown[]) => unknown>)[method]!(...given),
  state,
});
const methodCalls: (() => Call)[] = [
  ...optimizers.flatMap((make) =>
    methodsOf(make()).map((method) => () => {
      const target = make();
      return call(target, method, () => statesOf(target));
    }),
  ),
  ...schedulers.flatMap((make) =>
    methodsOf(make(sgd())).map((method) => () => {
      const target = sgd();
      const scheduler = make(target);
      const { stateDict } = scheduler as optim.LRScheduler;
      return call(
        scheduler,
        method,
        () => statesOf(target) + JSON.stringify(stateDict.call(scheduler as optim.LRScheduler)),
      );
    }),
  ),
];

describe("wrong arguments", () => {
  it("reach every class, function and method", () => {
    expect(publicCalls.length).toBeGreaterThan(30);
    const all = methodCalls.map((make) => make()).map(({ name, method }) => `${name}.${method}`);
    for (const one of [
      "Adam.step",
      "LBFGS.addParamGroup",
      "SGD.toString",
      "Muon.prepareLoad",
      "StepLR.restart",
      "ReduceLROnPlateau.step",
    ]) {
      expect(all).toContain(one);
    }
    expect(schedulers.length).toBe(exported.schedulers.length);
    // Seven methods of an optimizer, six of a scheduler, of which one has a method less.
    expect(all).toHaveLength(optimizers.length * 7 + schedulers.length * 6 - 1);
  });

  const calls = fc.constantFrom(...publicCalls, ...publicCalls, ...methodCalls);
  const right = fc.constantFrom<readonly unknown[]>([], ["w"], ["adam", "w"], [sgd()], [expr]);
  test.prop([calls, right, args], { numRuns })(
    "give a result, or an error of the library that names what was called, and change nothing then",
    (make, first, rest) => {
      const { name, method, run, state } = make();
      const before = state();
      try {
        run([...(method === undefined ? first : []), ...rest]);
      } catch (error) {
        if (!(error instanceof ThalwegError)) throw error;
        const called = method === undefined ? [name] : [`${name}.${method}`];
        if (method === "prepareLoad") called.push(`${name}.loadStateDict`);
        expect(called).toContain(error.op);
        expect(error.message).toMatch(new RegExp(`^${error.op}: .+`));
        expect(error.message).not.toContain("internal");
        expect(state()).toBe(before);
      }
    },
  );
});
