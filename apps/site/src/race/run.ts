import { type ParameterState, type Tensor, tensor } from "thalweg";
import type { Point } from "../frame/use-url-state";
import type { ScheduleName } from "../schedules/names";
import { schedule } from "../schedules/schedule";
import { heightAt } from "../terrain/surfaces";
import { type CourseName, longest, tolerance } from "./racers";

/** Where and how an optimizer runs. */
export interface Course {
  readonly ground: CourseName;
  readonly start: Point;
  readonly rate: number;
  readonly schedule: ScheduleName;
}

/** A tensor, or a pair of numbers, that an optimizer keeps. */
export interface Kept {
  readonly name: string;
  readonly value: Point;
}

/** The part of an optimizer that a race needs. */
export interface Racing {
  readonly paramGroups: readonly { lr: number }[];
  readonly state: ReadonlyMap<Tensor, ParameterState>;
  zeroGrad(): void;
  step<T>(closure: () => T): T;
}

/** What an optimizer did, step by step. */
export interface Run {
  readonly places: readonly Point[];
  readonly losses: readonly number[];
  /** The gradient at each place. */
  readonly slopes: readonly Point[];
  /** What it kept when it was there. */
  readonly kept: readonly (readonly Kept[])[];
  /** The rate of each step. */
  readonly rates: readonly number[];
  /** Gradients that were computed. */
  readonly evaluations: number;
  /** The step with which the goal was reached; null if it never was. */
  readonly arrival: number | null;
  /** Whether it ended because the loss only grew. */
  readonly hasDiverged: boolean;
}

/** A loss this high is off every chart. */
const explosion = 1e8;
/** Steps after which the run tells that it goes on. */
const breath = 20;

const pair = (x: Tensor) => Array.from(x.dataSync()) as unknown as Point;

function keptBy(optimizer: Racing, place: Tensor): Kept[] {
  const tensors = optimizer.state.get(place)?.tensors ?? {};
  return Object.entries(tensors)
    .filter(([, x]) => x.size === 2)
    .map(([name, x]) => ({ name, value: pair(x) }));
}

/**
 * Runs an optimizer down a landscape. The place is a matrix of one row, since some optimizers are for matrices alone.
 *
 * @param goOn is called now and then
 */
export function run(
  make: (params: Tensor[], rate: number) => Racing,
  { ground, start, rate, schedule: plan }: Course,
  goOn: () => void = () => {},
): Run {
  const place = tensor([[...start]], { requiresGrad: true });
  const optimizer = make([place], rate);
  const changes = schedule(plan, optimizer, rate, longest);
  const [places, slopes, losses, kept, rates] = [[], [], [], [], []] as [
    Point[],
    Point[],
    number[],
    Kept[][],
    number[],
  ];
  let evaluations = 0;
  let arrival: number | null = null;
  let hasDiverged = false;
  for (let step = 0; step <= longest && !hasDiverged; step++) {
    places.push(pair(place));
    kept.push(keptBy(optimizer, place));
    rates.push(optimizer.paramGroups[0]!.lr);
    const loss = optimizer
      .step(() => {
        evaluations++;
        optimizer.zeroGrad();
        const height = heightAt(ground, place);
        height.backward();
        // A search evaluates at other places, too.
        if (slopes.length < places.length) slopes.push(pair(place.grad!));
        return height;
      })
      .item();
    losses.push(loss);
    if (arrival === null && loss <= tolerance) arrival = step;
    hasDiverged = !(loss < explosion) || !pair(place).every(Number.isFinite);
    if (!hasDiverged) changes.step(loss);
    if (step % breath === 0) goOn();
  }
  return { places, losses, slopes, kept, rates, evaluations, arrival, hasDiverged };
}
