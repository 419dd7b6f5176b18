import { describe, expect, it } from "vitest";
import { optimizer, rates } from "../../test/scheduling";
import {
  LambdaLR,
  LinearLR,
  type LRScheduler,
  type Schedulable,
  type SchedulerState,
  SequentialLR,
  StepLR,
} from "../index";

const warmupAndDecay = (o: Schedulable) =>
  new SequentialLR(o, {
    schedulers: [new LinearLR(o, { totalIters: 3 }), new StepLR(o, { stepSize: 2, gamma: 0.5 })],
    milestones: [4],
  });

describe("SequentialLR", () => {
  it("starts each where it would have started alone", () => {
    const scheduler = warmupAndDecay(optimizer(1));
    expect(scheduler.getLastLr()[0]).toBeCloseTo(1 / 3, 12);
    const found = rates(scheduler, 8).map((lr) => lr.toFixed(3));
    expect(found).toEqual(["0.556", "0.778", "1.000", "1.000", "1.000", "0.500", "0.500", "0.250"]);
  });

  it("can be a part of another", () => {
    const target = optimizer(1);
    const inner = warmupAndDecay(target);
    const outer = new SequentialLR(target, {
      schedulers: [new LambdaLR(target, { lrLambda: () => 7 }), inner],
      milestones: [2],
    });
    expect(outer.getLastLr()).toEqual([7]);
    const alone = warmupAndDecay(optimizer(1));
    const expected = [alone.getLastLr()[0]!, ...rates(alone, 7)];
    expect(rates(outer, 9)).toEqual([7, ...expected]);
  });

  it("names the part of a state that does not fit", () => {
    const scheduler = warmupAndDecay(optimizer(1));
    const state = scheduler.stateDict();
    const [first, second] = state.schedulers as readonly SchedulerState[];
    const { gamma: _, ...rest } = second!;
    expect(() => scheduler.loadStateDict({ ...state, schedulers: [first!, rest] })).toThrow(
      'SequentialLR.loadStateDict: the saved state does not fit, "schedulers[1].gamma" is missing; load it into the same kind',
    );
    expect(() => scheduler.loadStateDict({ ...state, schedulers: [first!] })).toThrow(
      '"schedulers" has 1 entries, not 2',
    );
  });

  it("refuses invalid sequences", () => {
    const target = optimizer(1);
    const part = new StepLR(target, { stepSize: 1 });
    const make = (schedulers: LRScheduler[], milestones: number[]) => () =>
      new SequentialLR(target, { schedulers, milestones });
    expect(make([part, part], [])).toThrow(
      "SequentialLR: there are 2 schedulers and 0 milestones; give one milestone less than schedulers",
    );
    expect(make([part, part, part], [3, 3])).toThrow(
      "SequentialLR: the milestones are 3, 3; each must be larger than the last",
    );
    expect(make([new StepLR(optimizer(1), { stepSize: 1 })], [])).toThrow(
      "SequentialLR: a scheduler belongs to another optimizer; make all of them for this one",
    );
  });
});
