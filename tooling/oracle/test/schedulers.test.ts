import { SGD, zeros } from "thalweg";
import { describe, it } from "vitest";
import { construct } from "./api";
import { Comparison } from "./compare";
import { load } from "./fixture";

interface Fixture {
  /** The learning rate each parameter group starts with. */
  readonly initial: readonly number[];
  readonly cases: readonly {
    readonly name: string;
    readonly scheduler: string;
    readonly options: Readonly<Record<string, unknown>>;
    /** Before the first step and after each, by group. */
    readonly rates: readonly (readonly number[])[];
    /** What `step` is told, for the schedulers that listen. */
    readonly metrics?: readonly number[];
  }[];
}

interface Scheduler {
  step(metric?: number): void;
  getLastLr(): number[];
}

const { initial, cases } = load<Fixture>("schedulers");

describe("schedulers", () => {
  for (const { name, scheduler, options, rates, metrics } of cases) {
    it(name, () => {
      const groups = initial.map((lr) => ({ params: [zeros([1], { requiresGrad: true })], lr }));
      const optimizer = new SGD(groups, { lr: 1 });
      const subject = construct<Scheduler>(scheduler, [optimizer, options]);
      const comparison = new Comparison("float64");
      rates.forEach((expected, t) => {
        if (t > 0) {
          optimizer.step();
          subject.step(metrics?.[t - 1]);
        }
        comparison.numbers(
          `lr at step ${t}`,
          optimizer.paramGroups.map(({ lr }) => Number(lr)),
          expected,
        );
        comparison.numbers(`getLastLr at step ${t}`, subject.getLastLr(), expected);
      });
      comparison.finish(2 * rates.length);
    });
  }
});
