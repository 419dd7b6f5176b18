import { Adam, SGD, zeros } from "thalweg";
import { describe, it } from "vitest";
import { construct } from "./api";
import { Comparison } from "./compare";
import { load } from "./fixture";

interface Fixture {
  /** The initial learning rate of each parameter group. */
  readonly initial: readonly number[];
  readonly cases: readonly {
    readonly name: string;
    readonly scheduler: string;
    readonly options: Options;
    /** SGD unless given. */
    readonly optimizer?: "Adam";
    /** Before the first step and after each, by group. */
    readonly rates: readonly (readonly number[])[];
    /** The same for momentum or the first of betas, if they change. */
    readonly momenta?: readonly (readonly number[])[];
    /** The metrics that `step` is given, for schedulers that use them. */
    readonly metrics?: readonly number[];
  }[];
}

type Options = Readonly<Record<string, unknown>>;

interface Scheduler {
  step(metric?: number): void;
  getLastLr(): number[];
}

const { initial, cases } = load<Fixture>("schedulers");

/** The functions of `cases/schedulers.py`, by the same names. */
const functions: Readonly<Record<string, (t: number) => number>> = {
  inverse: (t) => 1 / (1 + t),
  stairs: (t) => 0.5 ** Math.floor(t / 5),
  wave: (t) => 0.5 * (1 + Math.cos(t)),
};

/** Options with functions in place of their names, and schedulers in place of their descriptions. */
function prepared(options: Options, optimizer: object): Options {
  const replace = (key: string, value: unknown): unknown => {
    if (key === "lrLambda" || key === "scaleFn") {
      return Array.isArray(value) ? value.map((name) => functions[name]) : functions[value as string];
    }
    if (key !== "schedulers") return value;
    return (value as [string, Options][]).map(([name, own]) => make(name, optimizer, own));
  };
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [key, replace(key, value)]));
}

const make = (name: string, optimizer: object, options: Options): Scheduler =>
  construct<Scheduler>(name, [optimizer, prepared(options, optimizer)]);

describe("schedulers", () => {
  for (const { name, scheduler, options, optimizer: kind, rates, momenta, metrics } of cases) {
    it(name, () => {
      const groups = initial.map((lr) => ({ params: [zeros([1], { requiresGrad: true })], lr }));
      const optimizer = kind === "Adam" ? new Adam(groups) : new SGD(groups, { lr: 1, momentum: 0.5 });
      const subject = make(scheduler, optimizer, options);
      const comparison = new Comparison("float64");
      rates.forEach((expected, t) => {
        if (t > 0) {
          optimizer.step();
          subject.step(...(metrics === undefined ? [] : [metrics[t - 1]]));
        }
        const found: { lr: number; momentum?: number; betas?: number[] }[] = optimizer.paramGroups;
        comparison.numbers(
          `lr at step ${t}`,
          found.map(({ lr }) => Number(lr)),
          expected,
        );
        comparison.numbers(`getLastLr at step ${t}`, subject.getLastLr(), expected);
        if (momenta === undefined) return;
        comparison.numbers(
          `momentum at step ${t}`,
          found.map(({ momentum, betas }) => momentum ?? betas![0]!),
          momenta[t]!,
        );
      });
      comparison.finish((momenta === undefined ? 2 : 3) * rates.length);
    });
  }
});
