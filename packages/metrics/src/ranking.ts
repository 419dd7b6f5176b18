import {
  checkArguments,
  count,
  integer,
  kind,
  list,
  oneOf,
  options as optionsOf,
  required,
} from "@thalweg/tensor/internal";
import { meanOfDefined } from "./averages";
import { classDim, classesIn, counts as countsKind, inputAndTarget, type Pair } from "./classes";
import type { Rule } from "./metric";
import { MetricError } from "./metric-error";

/** Options of {@link AUROC} and {@link AveragePrecision}. */
export interface RankingOptions<A extends "macro" | "weighted" | "none" = "macro" | "weighted" | "none"> {
  /**
   * What becomes of the numbers of several classes, each against the others: their mean (`"macro"`), their mean weighted by the
   * examples of each class (`"weighted"`), or all of them (`"none"`). `"macro"` unless given. Scores of one class have one number.
   */
  readonly average?: A;
  /** Targets of this class are not counted; all are counted unless given. */
  readonly ignoreIndex?: number;
}

/** Results by the average: scores of several classes have as many numbers with `"none"`. */
export type RankingResult<A> = A extends "none" ? number | number[] : number;

interface Counts {
  /** Number of scores for each target: 1, or one for each class. 0 before there is any. */
  width: number;
  scores: number[];
  targets: number[];
}

const signature = {
  options: /* @__PURE__ */ optionsOf<RankingOptions>({
    average: /* @__PURE__ */ oneOf("macro", "weighted", "none"),
    ignoreIndex: integer,
  }),
};

const scoresKind = /* @__PURE__ */ required(
  /* @__PURE__ */ list(/* @__PURE__ */ kind("a finite number", Number.isFinite)),
);

/** The average of the numbers of several classes. */
type RankingAverage = NonNullable<RankingOptions["average"]>;

/** Examples of one score, from the highest score down. */
export interface Tie {
  readonly positives: number;
  readonly negatives: number;
}

/** The number of one class. */
type OfTies = (ties: readonly Tie[], positives: number, negatives: number) => number;

/** The rule of metrics of the order of scores, which keep all scores. */
export function rankingRule<A extends RankingAverage>(
  name: string,
  options: RankingOptions<A>,
  ofTies: OfTies,
): Rule<Pair, RankingResult<A>, Counts> {
  checkArguments(name, signature, [options]);
  const { ignoreIndex } = options;
  return {
    name,
    takes: inputAndTarget,
    options: { ignoreIndex: ignoreIndex ?? null },
    kinds: { width: required(count), scores: scoresKind, targets: countsKind },
    empty: () => ({ width: 0, scores: [], targets: [] }),
    isEmpty: ({ targets }) => targets.length === 0,
    select(op, [input, target]) {
      const dim = classDim(op, input, target);
      return [dim === null ? input : input.detach().transpose(dim, -1), target];
    },
    count(counts, [input, target], op, batch) {
      const width = Math.max(1, classesIn(batch));
      const [scores, targets] = [input!.values, target!.values];
      const counted = [...targets.keys()].filter((i) => targets[i] !== ignoreIndex);
      for (const i of counted) checkExample(op, scores.subarray(i * width, (i + 1) * width), targets[i]!);
      setWidth(op, counts, width);
      for (const i of counted) {
        for (let k = 0; k < width; k++) counts.scores.push(scores[i * width + k]!);
        counts.targets.push(targets[i]!);
      }
    },
    add(counts, { width, scores, targets }, op) {
      if (width === 0) return;
      setWidth(op, counts, width);
      counts.scores = counts.scores.concat(scores);
      counts.targets = counts.targets.concat(targets);
    },
    misfit({ width, scores, targets }) {
      if (scores.length !== targets.length * width) {
        return `it has ${scores.length} scores for ${targets.length} targets`;
      }
      return targets.every((target) => target < Math.max(2, width)) ? undefined : "a target is no class";
    },
    result: (counts) => averaged(counts, options, ofTies) as RankingResult<A>,
  };
}

/** Throws unless scores are finite, and the target is one of their classes. */
function checkExample(op: string, scores: ArrayLike<number>, target: number): void {
  const wrong = Array.from(scores).find((score) => !Number.isFinite(score));
  if (wrong !== undefined) throw new MetricError(op, `a score is ${wrong}`, "scores have to be finite");
  const highest = Math.max(2, scores.length) - 1;
  if (Number.isInteger(target) && target >= 0 && target <= highest) return;
  throw new MetricError(op, `the target holds ${target}`, `classes are whole numbers from 0 to ${highest}`);
}

function setWidth(op: string, counts: Counts, width: number): void {
  if (counts.width !== 0 && counts.width !== width) {
    const problem = `there are scores of ${width} classes, and before of ${counts.width}`;
    throw new MetricError(op, problem, "use another metric");
  }
  counts.width = width;
}

function averaged(counts: Counts, { average = "macro" }: RankingOptions, ofTies: OfTies): number | number[] {
  const { width, targets } = counts;
  if (width === 1) return ofClass(counts, 0, 1, ofTies);
  const each = Array.from({ length: width }, (_, k) => ofClass(counts, k, k, ofTies));
  if (average === "none") return each;
  const sizes = each.map((_, k) => targets.filter((target) => target === k).length);
  return meanOfDefined(each, average === "macro" ? each.map(() => 1) : sizes);
}

/** The number of a class by the scores of a column. */
function ofClass({ width, scores, targets }: Counts, column: number, class_: number, ofTies: OfTies): number {
  const ofTargets = (isPositive: boolean) =>
    Float64Array.from(
      targets.flatMap((target, i) => ((target === class_) === isPositive ? scores[i * width + column]! : [])),
    ).sort();
  const [positives, negatives] = [ofTargets(true), ofTargets(false)];
  return ofTies(tiesOf(positives, negatives), positives.length, negatives.length);
}

/** The examples of each score, from ascending scores. */
function tiesOf(positives: Float64Array, negatives: Float64Array): Tie[] {
  let [p, n] = [positives.length, negatives.length];
  const ties: Tie[] = [];
  while (p > 0 || n > 0) {
    const score = Math.max(
      positives[p - 1] ?? Number.NEGATIVE_INFINITY,
      negatives[n - 1] ?? Number.NEGATIVE_INFINITY,
    );
    const [beforeP, beforeN] = [p, n];
    while (positives[p - 1] === score) p--;
    while (negatives[n - 1] === score) n--;
    ties.push({ positives: beforeP - p, negatives: beforeN - n });
  }
  return ties;
}
