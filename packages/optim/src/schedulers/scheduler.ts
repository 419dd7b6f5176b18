import { ThalwegError } from "@thalweg/tensor";

/** As much of an optimizer as a scheduler needs. */
export interface Schedulable {
  readonly paramGroups: readonly { lr: number }[];
}

/** What a scheduler needs to go on where another one stopped. */
export type SchedulerState = Readonly<Record<string, number | readonly number[]>>;

/** Throws unless the number is a whole one from 1 on. */
export function checkPeriod(op: string, name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new ThalwegError(op, `${name} is ${value}`, "it must be a whole number from 1 on");
  }
}

/** Copies the fields of a saved state into a scheduler that has just these fields. */
export function restore(op: string, target: object, state: SchedulerState): void {
  const own = Object.keys(target).filter((name) => name !== "optimizer");
  const wrong = [
    ...own.filter((name) => !(name in state)).map((name) => `"${name}" is missing`),
    ...Object.keys(state)
      .filter((name) => !own.includes(name))
      .map((name) => `"${name}" is unknown`),
  ];
  if (wrong.length > 0) {
    throw new ThalwegError(
      op,
      `the saved state does not fit, ${wrong.join(", ")}`,
      "load it into the same kind of scheduler",
    );
  }
  for (const name of own) {
    const value = state[name]!;
    Object.assign(target, { [name]: typeof value === "number" ? value : [...value] });
  }
}

/** The fields of a scheduler, apart from its optimizer. */
function fields(target: object): SchedulerState {
  const { optimizer: _, ...state } = target as { optimizer: unknown } & SchedulerState;
  return structuredClone(state);
}

/**
 * Sets the learning rate of every group of an optimizer, epoch by epoch: call `step()` after those of the
 * optimizer. Rates are computed from the current ones, as PyTorch does it, so schedulers can be combined
 * and rates changed by hand.
 */
export abstract class LRScheduler {
  readonly optimizer: Schedulable;
  /** Rates of the groups when the scheduler was made. */
  readonly baseLrs: readonly number[];
  /** Number of steps so far. */
  lastEpoch = 0;

  constructor(optimizer: Schedulable) {
    this.optimizer = optimizer;
    this.baseLrs = optimizer.paramGroups.map((group) => group.lr);
  }

  /** The rate of a group for the epoch `lastEpoch`, from its last one. */
  protected abstract next(lr: number, baseLr: number): number;

  /** Goes on to the next epoch. */
  step(): void {
    this.lastEpoch++;
    this.optimizer.paramGroups.forEach((group, i) => {
      group.lr = this.next(group.lr, this.baseLrs[i] ?? group.lr);
    });
  }

  /** The rates that are in force, one for each group. */
  getLastLr(): number[] {
    return this.optimizer.paramGroups.map((group) => group.lr);
  }

  stateDict(): SchedulerState {
    return fields(this);
  }

  /** @throws ThalwegError when the state was saved by another kind of scheduler. */
  loadStateDict(state: SchedulerState): void {
    restore(this.constructor.name, this, state);
  }
}
