import * as distributions from "@thalweg/distributions";
import { type Expr, ExprPool, type Primitive, primitives } from "@thalweg/kernels";
import * as linalg from "@thalweg/linalg";
import * as losses from "@thalweg/losses";
import * as metrics from "@thalweg/metrics";
import * as nn from "@thalweg/nn";
import * as optim from "@thalweg/optim";
import * as T from "@thalweg/tensor";
import { kinds } from "@thalweg/tensor/internal";
import * as thalweg from "thalweg";
import { expect, it } from "vitest";
import type { OpCase } from "./call";
import { counts, load } from "./fixture";

const files = Object.keys(counts).filter((name) => name.startsWith("ops/"));
/** The functions that are compared with PyTorch's. */
const covered = new Set(files.flatMap((file) => load<{ cases: OpCase[] }>(file).cases.map(({ op }) => op)));

/** The classes and functions among the exports of a package of a kind. */
function exportsOf(
  entry: object,
  belongs: (value: { readonly prototype: object }, name: string) => boolean,
): string[] {
  const found = Object.entries(entry).filter(
    ([name, value]) => typeof value === "function" && belongs(value, name),
  );
  expect(found.length).toBeGreaterThan(10);
  return found.map(([name]) => name);
}

/** The exports of a kind that no case compares with PyTorch. */
const without = (names: readonly string[], cases: Iterable<string>): string[] => {
  const known = new Set(cases);
  return names.filter((name) => !known.has(name));
};

const cases = <Case>(name: string) => load<{ cases: Case[] }>(name).cases;

interface Part {
  readonly layer: string;
  readonly args: readonly unknown[];
}

/** Functions that read a tensor, move it, or show it in another way: they have no values to compare. */
const readers = "item itemAsync toArray toArrayAsync data dataSync isContiguous contiguous detach to".split(
  " ",
);
/** Functions that take any number of arguments, which no signature describes. */
const variadic = ["einsum", "slice", "index"];

it("has a case for every function of tensors", () => {
  const ofTensors = exportsOf(T, (value, name) => {
    const { takes } = value as { readonly takes?: object };
    if (takes === undefined && !("op" in value)) return false;
    const [first = kinds.tensor] = Object.values(takes ?? {});
    const isCoveredElsewhere = /(_|Like|Async)$/.test(name);
    return !isCoveredElsewhere && [kinds.tensor, kinds.tensors].includes(first) && !readers.includes(name);
  });
  expect(ofTensors.length).toBeGreaterThan(130);
  expect(without([...ofTensors, ...variadic], covered)).toEqual([]);
});

it("has a case for every loss", () => {
  expect(
    without(
      exportsOf(losses, () => true),
      covered,
    ),
  ).toEqual([]);
});

it("has a case for every function of linear algebra", () => {
  expect(
    without(
      exportsOf(linalg, (_, name) => !name.endsWith("Error")),
      covered,
    ),
  ).toEqual([]);
});

it("has a case for every layer", () => {
  // Base classes of layers have no `forward`.
  const layers = exportsOf(nn, ({ prototype }) => prototype instanceof nn.Module && "forward" in prototype);
  const compared = [...cases<Part>("layers"), ...cases<Part>("modules")];
  expect(
    without(
      layers,
      compared.map(({ layer }) => layer),
    ),
  ).toEqual([]);
});

it("has a case for every optimizer", () => {
  const optimizers = exportsOf(optim, (value) => "optimizerName" in value);
  const closures = cases<{ name: string }>("lbfgs").map(({ name }) => /^\w+: (\w+)\(/.exec(name)![1]!);
  const compared = cases<{ optimizer: string }>("optimizers").map(({ optimizer }) => optimizer);
  expect(without(optimizers, [...compared, ...closures])).toEqual([]);
});

it("has a case for every scheduler", () => {
  const schedulers = exportsOf(
    optim,
    (value) => Object(value.prototype).getLastLr !== undefined && (value as unknown) !== optim.LRScheduler,
  );
  const compared = cases<{ scheduler: string }>("schedulers").map(({ scheduler }) => scheduler);
  expect(without(schedulers, compared)).toEqual([]);
});

it("has a case for every metric", () => {
  const all = exportsOf(metrics, (_, name) => name !== "Metric" && !name.endsWith("Error"));
  const compared = cases<{ metric: string }>("metrics").map(({ metric }) => metric);
  expect(without(all, compared)).toEqual([]);
});

it("has a case for every preprocessor", () => {
  const all = Object.entries(thalweg).filter(
    ([name, value]) =>
      typeof value === "function" &&
      Object(value.prototype).fitTransform !== undefined &&
      name !== "ColumnwisePreprocessor",
  );
  expect(all.length).toBe(7);
  const compared = cases<{ preprocessor: string }>("preprocessing").map(({ preprocessor }) => preprocessor);
  expect(
    without(
      all.map(([name]) => name),
      compared,
    ),
  ).toEqual([]);
});

it("has a case for every distribution, and each of its formulas", () => {
  const classes = Object.values(distributions).filter(
    (value) => value.prototype instanceof distributions.Distribution,
  );
  const formulas = classes.flatMap(({ name }) =>
    ["mean", "variance", "logProb", "entropy", "klDivergence"].map((formula) => `${name}.${formula}`),
  );
  expect(classes.length).toBe(6);
  const compared = cases<{ op: string }>("distributions").map(({ op }) => op.replace(/\(\w+\)/, ""));
  expect(without(formulas, compared)).toEqual([]);
});

/** The primitives that expressions are made of. */
function primitivesIn(list: readonly (Expr | null)[], found = new Set<Primitive>()): Set<Primitive> {
  for (const node of list) {
    if (node === null) continue;
    if (node.primitive !== null) found.add(node.primitive);
    primitivesIn(node.args, found);
  }
  return found;
}

/** The primitives of its derivative. */
function ofDerivative({ derivative, arity }: Primitive): Set<Primitive> {
  const pool = new ExprPool();
  const [g, y, ...args] = Array.from({ length: arity + 2 }, (_, i) => pool.input(i)) as [
    Expr,
    Expr,
    ...Expr[],
  ];
  return primitivesIn(derivative(g, y, args));
}

it("has a case that computes with each scalar function, or with its value as a derivative", () => {
  const maps = T.allOps().filter((op): op is T.MapOp => op.kind === "map" && covered.has(op.name));
  const used = primitivesIn(maps.flatMap(({ program }) => program.outputs));
  const compared = new Set([...used, ...[...used].flatMap((primitive) => [...ofDerivative(primitive)])]);
  expect(used.size).toBeGreaterThan(30);
  expect(
    without(
      Object.keys(primitives),
      Array.from(compared, ({ name }) => name),
    ),
  ).toEqual([]);
});

it("counts every fixture file, none of them empty", () => {
  for (const file of Object.keys(counts)) expect(load(file).cases.length).toBeGreaterThan(0);
  expect(Object.keys(counts)).toEqual(
    expect.arrayContaining(["layers", "optimizers", "lbfgs", "clipping", "schedulers"]),
  );
});
