import { ThalwegError } from "@thalweg/tensor";
import { count, finite, fitting, type Ranges, type SchedulerState, stateOf } from "./scheduler-state";

/** As much of a group of parameters as schedulers set. */
interface ScheduledGroup {
  lr: number;
  momentum?: number;
  betas?: [number, number];
}

/** As much of an optimizer as a scheduler needs. */
export interface Schedulable {
  readonly paramGroups: readonly ScheduledGroup[];
}

/** Throws unless the number is a whole one from 1 on. */
export function checkPeriod(op: string, name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new ThalwegError(op, `${name} is ${value}`, "it must be a whole number from 1 on");
  }
}

/** Throws unless a text is one of a few. */
export function checkChoice(op: string, name: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw new ThalwegError(op, `${name} is "${value}"`, `use ${choices.map((c) => `"${c}"`).join(" or ")}`);
}

/** One value for each group of the optimizer, from such a list or from one value for all. */
export function forEachGroup<V>(
  op: string,
  name: string,
  value: V | readonly V[],
  { paramGroups }: Schedulable,
): V[] {
  const list = Array.isArray(value) ? (value as V[]) : paramGroups.map(() => value as V);
  if (list.length !== paramGroups.length) {
    throw new ThalwegError(
      op,
      `${name} has ${list.length} values, there are ${paramGroups.length} groups`,
      "give one value, or one for each group",
    );
  }
  return [...list];
}

/** Throws unless every group has a momentum, or betas of which the first is one. */
export function checkMomentum(op: string, { paramGroups }: Schedulable): void {
  if (paramGroups.every(({ momentum, betas }) => (momentum ?? betas) !== undefined)) return;
  throw new ThalwegError(op, "the optimizer has neither momentum nor betas", "use cycleMomentum: false");
}

/** Sets the momentum of a group, or the first of its betas. */
export function setMomentum(group: ScheduledGroup, value: number): void {
  if (group.betas === undefined) group.momentum = value;
  else group.betas = [value, group.betas[1]];
}

/** Rates of groups before a scheduler changed them: one made later starts from the same. */
const initialRates = new WeakMap<object, number>();

/** Makes these the rates that schedulers of the optimizer start from. */
export function setInitialRates({ paramGroups }: Schedulable, rates: readonly number[]): void {
  paramGroups.forEach((group, i) => {
    initialRates.set(group, rates[i]!);
  });
}

/**
 * Sets the learning rate of every group of an optimizer, epoch by epoch: call `step()` after those of the
 * optimizer. Most compute rates from the current ones, as PyTorch does it, so that they can be combined and
 * rates changed by hand.
 */
export abstract class LRScheduler {
  readonly optimizer: Schedulable;
  /** Rates of the groups before a scheduler changed them. */
  readonly baseLrs: readonly number[];
  /** Number of steps so far. */
  lastEpoch = 0;

  constructor(optimizer: Schedulable) {
    this.optimizer = optimizer;
    this.baseLrs = optimizer.paramGroups.map((group) => {
      const rate = initialRates.get(group) ?? group.lr;
      initialRates.set(group, rate);
      return rate;
    });
  }

  /** The rate of a group for the epoch `lastEpoch`, from its last one. */
  protected abstract next(lr: number, baseLr: number, group: number): number;

  /** Whether a group was added after this was made; what is known of each group is not known of it. */
  protected isLate(group: number): boolean {
    return group >= this.baseLrs.length;
  }

  /** Sets all rates for the epoch `lastEpoch`; constructors end with it. */
  protected apply(): void {
    this.optimizer.paramGroups.forEach((group, i) => {
      group.lr = this.next(group.lr, this.baseLrs[i] ?? group.lr, i);
    });
  }

  /** Goes on to the next epoch. */
  step(): void {
    this.lastEpoch++;
    this.apply();
  }

  /** Goes back to the first epoch, and to the rates that the groups had before. */
  restart(): void {
    this.lastEpoch = 0;
    this.optimizer.paramGroups.forEach((group, i) => {
      group.lr = this.baseLrs[i] ?? group.lr;
    });
    this.apply();
  }

  /** The rates that are in force, one for each group. */
  getLastLr(): number[] {
    return this.optimizer.paramGroups.map((group) => group.lr);
  }

  /** Everything but the optimizer and functions, in values that JSON holds. */
  stateDict(): SchedulerState {
    return stateOf(this);
  }

  /** @throws ThalwegError when the state does not fit; it lists everything that does not, and nothing is changed. */
  loadStateDict(state: SchedulerState): void {
    this.prepareLoad(state)();
  }

  /**
   * The first half of {@link loadStateDict}: checks everything, and changes nothing.
   *
   * @returns the other half; it cannot fail
   * @throws as {@link loadStateDict}
   */
  prepareLoad(state: SchedulerState): () => void {
    const fit = fitting(this.constructor.name, this.stateDict(), state, this.ranges);
    return () => {
      Object.assign(this, fit);
    };
  }

  /** What fields of a saved state must be, by name, besides being of the same type as one's own. */
  protected get ranges(): Ranges {
    return { baseLrs: finite, lastEpoch: count };
  }
}
