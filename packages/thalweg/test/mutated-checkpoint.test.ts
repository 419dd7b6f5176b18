import { fc, test } from "@fast-check/vitest";
import {
  BatchNorm1d,
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  CyclicLR,
  createOptimizer,
  DataLoader,
  ExponentialLR,
  Generator,
  LambdaLR,
  Linear,
  LinearLR,
  loadCheckpoint,
  loadSafetensors,
  MultiStepLR,
  OneCycleLR,
  type OptimizerRegistry,
  optimizerNames,
  ReduceLROnPlateau,
  randn,
  readSafetensorsHeader,
  Sequential,
  SequentialLR,
  SGD,
  StepLR,
  saveCheckpoint,
  saveSafetensors,
  TensorDataset,
  ThalwegError,
  tensor,
} from "thalweg";
import { describe, expect, it } from "vitest";

/** A part of a program's own, which cannot check a state before it loads it. */
class Box {
  value = 1;
  stateDict() {
    return { value: this.value };
  }
  loadStateDict({ value }: { readonly value: unknown }) {
    if (typeof value !== "number") throw new TypeError("a box holds a number");
    this.value = value;
  }
}

/** A part that can. */
class CheckedBox extends Box {
  prepareLoad({ value }: { readonly value: unknown }) {
    if (typeof value !== "number") throw new TypeError("a box holds a number");
    return () => {
      this.value = value;
    };
  }
  override loadStateDict(state: { readonly value: unknown }) {
    this.prepareLoad(state)();
  }
}

/** One of everything that can be loaded, and the code that uses them. */
function program(seed: number) {
  const generator = new Generator(seed);
  const x = randn([6, 2], { generator });
  const model = new Sequential(new Linear(2, 3), new BatchNorm1d(3), new Linear(3, 2));
  const runs = optimizerNames().map((name) => {
    const w = randn([2, 2], { generator, requiresGrad: true });
    const options = { sgd: { momentum: 0.9 }, adam: { amsgrad: true } }[name] ?? {};
    const optimizer = createOptimizer(name as keyof OptimizerRegistry, [["w", w]] as never, options as never);
    return { name, w, optimizer };
  });
  const target = new SGD(model.namedParameters(), { lr: 0.1, momentum: 0.9 });
  const rates = {
    step: new StepLR(target, { stepSize: 2 }),
    multi: new MultiStepLR(target, { milestones: [2, 5] }),
    exponential: new ExponentialLR(target, { gamma: 0.9 }),
    linear: new LinearLR(target, {}),
    cosine: new CosineAnnealingLR(target, { tMax: 5 }),
    restarts: new CosineAnnealingWarmRestarts(target, { t0: 2, tMult: 2 }),
    cycle: new OneCycleLR(target, { maxLr: 0.1, totalSteps: 1000 }),
    cyclic: new CyclicLR(target, { baseLr: 0.1, maxLr: 0.2 }),
    lambda: new LambdaLR(target, { lrLambda: () => 1 }),
    sequential: new SequentialLR(target, {
      schedulers: [new LinearLR(target, {}), new ExponentialLR(target, { gamma: 0.9 })],
      milestones: [3],
    }),
  };
  const plateau = new ReduceLROnPlateau(target);
  const loader = new DataLoader(new TensorDataset(x), {
    batchSize: 2,
    shuffle: true,
    generator: new Generator(seed),
  });
  const step = () => {
    for (const { w, optimizer } of runs) {
      optimizer.step(() => {
        optimizer.zeroGrad();
        const loss = w.matmul(x.transpose(0, 1)).square().sum();
        loss.backward();
        return loss;
      });
    }
    for (const [batch] of loader) {
      target.zeroGrad();
      const loss = model.forward(batch).square().mean();
      loss.backward();
      target.step();
      plateau.step(loss);
      break;
    }
    for (const scheduler of Object.values(rates)) scheduler.step();
  };
  const optimizers = Object.fromEntries(runs.map(({ name, optimizer }) => [name, optimizer]));
  const boxes = { box: new Box(), checked: new CheckedBox() };
  const parts = { model, target, ...optimizers, ...rates, plateau, loader, generator, ...boxes };
  return { parts, step };
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The states in a checkpoint, with its tensors. */
function open(bytes: Uint8Array) {
  const states = JSON.parse(readSafetensorsHeader(bytes).metadata.checkpoint!) as Json;
  return { states, tensors: loadSafetensors(bytes) };
}

/** Every position in it, as a path of keys. */
function* places(value: Json, path: string[] = []): Iterable<string[]> {
  yield path;
  if (typeof value !== "object" || value === null) return;
  for (const [key, child] of Object.entries(value)) yield* places(child, [...path, key]);
}

const set = (target: object, key: string, value: unknown) =>
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });

const hostile = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "then"];
const value: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, "", "x", 0, -1, 1, 0.5, 3, 1e7, 2 ** 53, -1e300, [], {}, [[1]]),
  fc.constantFrom("NaN", "Infinity", "-Infinity", "-0", "7").map((text): Json => ({ $number: text })),
  fc.constantFrom<Json>({ $tensor: "none" }, { $tensor: 7 }, { $tensor: { toString: 1 } }, { $number: {} }),
  fc.constantFrom(...hostile).map((key): Json => JSON.parse(`{"${key}":1}`) as Json),
  fc.constant<Json>({ shape: [1] }),
);

/** A change at some position: a value is replaced, removed or added. */
const mutation = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom("replace", "replace", "remove", "add", "reshape", "drop"),
  key: fc.oneof(fc.constantFrom(...hostile), fc.string()),
  value,
});

type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never;

function mutate(bytes: Uint8Array, mutations: readonly Mutation[]): Uint8Array {
  const { states, tensors } = open(bytes);
  for (const { at, kind, key, value } of mutations) {
    const all = [...places(states)].slice(3);
    const path = all[at % all.length]!;
    const parent = path
      .slice(0, -1)
      .reduce<Json>((node, step) => (node as Record<string, Json>)[step]!, states) as Record<string, Json>;
    const last = path.at(-1)!;
    const names = Object.keys(tensors);
    const name = names[at % names.length]!;
    if (kind === "remove") delete parent[last];
    else if (kind === "add") set(parent, key, value);
    else if (kind === "replace") set(parent, last, value);
    else if (kind === "drop") delete tensors[name];
    else tensors[name] = tensor([1, 2, 3], { dtype: at % 2 === 0 ? "float32" : "float64" });
  }
  return saveSafetensors(tensors, { metadata: { checkpoint: JSON.stringify(states) } });
}

const prototypes = (parts: object) =>
  Object.values(parts).map((part): unknown => Object.getPrototypeOf(part));

const [here, there] = [program(1), program(2)];
for (let i = 0; i < 3; i++) here.step();
for (let i = 0; i < 2; i++) there.step();
const good = await saveCheckpoint(here.parts);

describe("a checkpoint that was changed", () => {
  const kinds = prototypes(there.parts);

  test.prop([fc.array(mutation, { minLength: 1, maxLength: 3 })], {
    numRuns: Number(process.env.THALWEG_RUNS ?? 60),
  })("is refused by all parts or loaded by all, and the right one fits afterwards", async (mutations) => {
    const old = await saveCheckpoint(there.parts);
    const changed = mutate(good, mutations);
    let refused = false;
    try {
      await loadCheckpoint(changed, there.parts);
    } catch (error) {
      refused = true;
      expect(error).toBeInstanceOf(ThalwegError);
      expect(await saveCheckpoint(there.parts)).toEqual(old);
    }
    // Not with toEqual, which would iterate over them.
    expect(prototypes(there.parts).every((kind, i) => kind === kinds[i])).toBe(true);
    if (!refused) {
      there.step();
      await saveCheckpoint(there.parts);
    }
    await loadCheckpoint(good, there.parts);
    expect(await saveCheckpoint(there.parts)).toEqual(good);
    await loadCheckpoint(old, there.parts);
  });
});

describe("a checkpoint whose last part does not fit", () => {
  it.each(Object.keys(here.parts))("leaves all others as they were, when that is %s", async (name) => {
    const { states, tensors } = open(good);
    const { parts } = states as { parts: Record<string, Json> };
    const { [name]: state, ...rest } = parts;
    const last = {
      ...rest,
      [name]: { ...(state as object), version: 99, lastEpoch: -1, seed: -1, value: "x" },
    };
    const changed = saveSafetensors(tensors, {
      metadata: { checkpoint: JSON.stringify({ version: 1, parts: last }) },
    });
    const old = await saveCheckpoint(there.parts);
    const { [name as "model"]: own, ...others } = there.parts;
    await expect(loadCheckpoint(changed, { ...others, [name]: own })).rejects.toThrow(
      `loadCheckpoint: the checkpoint does not fit, ${name}: `,
    );
    expect(await saveCheckpoint(there.parts)).toEqual(old);
  });
});
