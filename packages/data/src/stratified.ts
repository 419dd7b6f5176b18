import { Generator, randperm, Tensor } from "@thalweg/tensor";
import {
  boolean,
  brandOf,
  checkArguments,
  kind,
  list,
  named,
  number,
  options as optionsOf,
  whole,
} from "@thalweg/tensor/internal";
import type { Collated } from "./collate";
import { DataError } from "./data-error";
import { type Dataset, datasetOf, examples } from "./dataset";
import { type RandomSplitOptions, Subset, sizesOf } from "./random-split";

/** The class of each example: numbers or texts in an array, a typed array, or a vector. */
export type Labels = ArrayLike<number | string> | Tensor;

/** Options of {@link kFold} and {@link stratifiedKFold}. */
export interface FoldOptions {
  /** Whether examples are in random order first; false unless given. */
  readonly shuffle?: boolean;
  /** The source of the order; the generator that `manualSeed` seeds unless given. */
  readonly generator?: Generator;
}

/** The two parts of a fold. */
export interface FoldParts<T, Joined = Collated<T> | Promise<Collated<T>>> {
  readonly train: Subset<T, Joined>;
  readonly validation: Subset<T, Joined>;
}

const aGenerator = kind("a Generator", (value) => value instanceof Generator);
const labelsKind = kind(
  "an array or a vector of classes",
  (value) =>
    (value instanceof Tensor && value.ndim === 1) ||
    (Array.isArray(value) && value.every((item) => typeof item === "number" || typeof item === "string")) ||
    (ArrayBuffer.isView(value) && !/^(DataView|Big)/.test(brandOf(value))),
);
const splitSignature = {
  dataset: examples,
  labels: labelsKind,
  parts: list(number),
  options: optionsOf<RandomSplitOptions>({ generator: aGenerator }),
};
const foldOptions = optionsOf<FoldOptions>({ shuffle: boolean, generator: aGenerator });
const foldSignature = { dataset: examples, folds: whole(2), options: foldOptions };
const stratifiedSignature = { dataset: examples, labels: labelsKind, folds: whole(2), options: foldOptions };

/** The positions of the examples of each class, in order of the first one of each. */
function classesOf(op: string, labels: Labels, length: number): number[][] {
  const values = labels instanceof Tensor ? named(op, () => labels.dataSync()) : labels;
  if (values.length !== length) {
    throw new DataError(op, `there are ${values.length} labels for ${length} examples`, "pass one for each");
  }
  const classes = new Map<number | string, number[]>();
  for (let i = 0; i < length; i++) {
    const positions = classes.get(values[i]!);
    if (positions === undefined) classes.set(values[i]!, [i]);
    else positions.push(i);
  }
  return [...classes.values()];
}

/** The positions in random order. */
function shuffled(op: string, positions: readonly number[], generator: Generator | undefined): number[] {
  const options = { dtype: "float64", device: "cpu", ...(generator && { generator }) } as const;
  const order = named(op, () => randperm(positions.length, options).dataSync());
  return Array.from(order, (at) => positions[at]!);
}

/**
 * Divides a dataset at random into subsets in which each class has the same share, as nearly as whole examples allow.
 *
 * @param dataset examples, or an array of them
 * @param labels the class of each
 * @param parts the sizes of the subsets, as for {@link randomSplit}
 * @returns as many subsets as there are parts, of the same sizes as those of {@link randomSplit}
 * @throws DataError when the parts do not add up, or there is not one label for each example.
 * @example
 * const labels = [0, 0, 0, 0, 1, 1];
 * const [train, test] = stratifiedSplit(labels, labels, [2 / 3, 1 / 3], { generator: new Generator(1) });
 * test.indices.map((i) => labels[i]).sort(); // → [0,1]
 */
export function stratifiedSplit<
  T,
  const Parts extends readonly number[] = number[],
  Joined = Collated<T> | Promise<Collated<T>>,
>(
  dataset: Dataset<T, Joined> | readonly T[],
  labels: Labels,
  parts: Parts,
  options: RandomSplitOptions = {},
): { -readonly [Part in keyof Parts]: Subset<T, Joined> } {
  const op = "stratifiedSplit";
  checkArguments(op, splitSignature, [dataset, labels, parts, options]);
  const from = datasetOf(dataset);
  const sizes = sizesOf(op, parts, from.length);
  const classes = classesOf(op, labels, from.length).map((own) => shuffled(op, own, options.generator));
  const counts = apportioned(
    classes.map(({ length }) => length),
    sizes,
  );
  const chosen = sizes.map((_, k) =>
    classes.flatMap((own, c) => {
      const start = counts[c]!.slice(0, k).reduce((a, b) => a + b, 0);
      return own.slice(start, start + counts[c]![k]!);
    }),
  );
  const subsets = chosen.map((indices) => new Subset(from, shuffled(op, indices, options.generator)));
  return subsets as { -readonly [Part in keyof Parts]: Subset<T, Joined> };
}

/**
 * How many examples of each class go to each part. Each is the exact share, rounded down or up; rows add up to classes, and columns
 * to parts.
 */
function apportioned(classes: readonly number[], sizes: readonly number[]): number[][] {
  const total = sizes.reduce((a, b) => a + b, 0);
  const left = [...sizes];
  return classes.map((size, c) => {
    const rest = classes.slice(c).reduce((a, b) => a + b, 0);
    // What the parts still lack is shared out, so that the last class fits exactly.
    const shares = left.map((count) => (total === 0 ? 0 : (size * count) / rest));
    const counts = shares.map(Math.floor);
    const order = shares
      .map((share, k) => ({ k, part: share - counts[k]! }))
      .sort((a, b) => b.part - a.part || a.k - b.k);
    const missing = size - counts.reduce((a, b) => a + b, 0);
    for (const { k } of order.slice(0, missing)) counts[k]!++;
    counts.forEach((count, k) => {
      left[k]! -= count;
    });
    return counts;
  });
}

/**
 * Divides a dataset into folds, each of which is the data for validation once, with all others to train with.
 *
 * @param dataset examples, or an array of them
 * @param folds number of folds, from 2 on; the first ones are larger by one where the examples do not divide
 * @throws DataError when there are fewer examples than folds.
 * @example
 * const folds = kFold([10, 20, 30], 3);
 * folds.map(({ validation }) => validation.get(0)); // → [10,20,30]
 */
export function kFold<T, Joined = Collated<T> | Promise<Collated<T>>>(
  dataset: Dataset<T, Joined> | readonly T[],
  folds: number,
  options: FoldOptions = {},
): FoldParts<T, Joined>[] {
  checkArguments("kFold", foldSignature, [dataset, folds, options]);
  const from = datasetOf(dataset);
  const { shuffle = false, generator } = options;
  checkFolds("kFold", folds, from.length, "examples");
  const positions = Array.from({ length: from.length }, (_, i) => i);
  const order = shuffle ? shuffled("kFold", positions, generator) : positions;
  const tests = new Array<number>(from.length);
  order.forEach((position, i) => {
    tests[position] = foldAt(i, from.length, folds);
  });
  return foldsOf(from, tests, folds);
}

/** The fold of a place among some, where the first folds are larger by one. */
function foldAt(place: number, count: number, folds: number): number {
  const [small, larger] = [Math.floor(count / folds), count % folds];
  const behind = larger * (small + 1);
  return place < behind ? Math.floor(place / (small + 1)) : larger + Math.floor((place - behind) / small);
}

/**
 * Divides a dataset into folds in which each class has the same share, as nearly as whole examples allow. Otherwise as {@link kFold}.
 *
 * @param dataset examples, or an array of them
 * @param labels the class of each
 * @param folds number of folds, from 2 on
 * @throws DataError when no class has as many examples as there are folds, or there is not one label for each example.
 * @example
 * const labels = ["a", "a", "b", "b"];
 * stratifiedKFold(labels, labels, 2).map(({ validation }) => [0, 1].map((i) => validation.get(i))); // → [["a","b"],["a","b"]]
 */
export function stratifiedKFold<T, Joined = Collated<T> | Promise<Collated<T>>>(
  dataset: Dataset<T, Joined> | readonly T[],
  labels: Labels,
  folds: number,
  options: FoldOptions = {},
): FoldParts<T, Joined>[] {
  const op = "stratifiedKFold";
  checkArguments(op, stratifiedSignature, [dataset, labels, folds, options]);
  const from = datasetOf(dataset);
  const { shuffle = false, generator } = options;
  const classes = classesOf(op, labels, from.length);
  checkFolds(op, folds, Math.max(0, ...classes.map(({ length }) => length)), "examples of a class");
  const tests = new Array<number>(from.length);
  // The examples are dealt to the folds class by class, so that folds have the same size, too.
  let dealt = 0;
  for (const positions of classes) {
    const order = shuffle ? shuffled(op, positions, generator) : positions;
    const turns = positions.map((_, i) => (dealt + i) % folds).sort((a, b) => a - b);
    order.forEach((position, i) => {
      tests[position] = turns[i]!;
    });
    dealt += positions.length;
  }
  return foldsOf(from, tests, folds);
}

function checkFolds(op: string, folds: number, most: number, of: string): void {
  if (folds <= most) return;
  throw new DataError(op, `there are ${folds} folds, and at most ${most} ${of}`, "make fewer folds");
}

function foldsOf<T, Joined>(
  from: Dataset<T, Joined>,
  tests: readonly number[],
  folds: number,
): FoldParts<T, Joined>[] {
  const positions = [...tests.keys()];
  return Array.from({ length: folds }, (_, k) => ({
    train: new Subset(
      from,
      positions.filter((i) => tests[i] !== k),
    ),
    validation: new Subset(
      from,
      positions.filter((i) => tests[i] === k),
    ),
  }));
}
