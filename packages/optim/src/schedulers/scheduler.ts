import { ArgumentError, ThalwegError } from "@thalweg/tensor";
import {
  checkArguments,
  describe,
  kind,
  type OptionKinds,
  options as optionsOf,
  recorder,
  type Signature,
} from "@thalweg/tensor/internal";
import { count, finite, fitting, type SchedulerState, stateOf } from "./scheduler-state";

/** The part of a parameter group that schedulers set. */
export interface ScheduledGroup {
  lr: number;
  momentum?: number;
  betas?: readonly number[];
}

/** The part of an optimizer that a scheduler needs. */
export interface Schedulable {
  readonly paramGroups: readonly ScheduledGroup[];
}

const schedulable = /* @__PURE__ */ kind("an optimizer, whose groups have a finite lr", (value) => {
  const { paramGroups } = (value ?? {}) as { readonly paramGroups?: unknown };
  return Array.isArray(paramGroups) && paramGroups.every((group) => Number.isFinite(group?.lr));
});

/** Checks a constructor's arguments: an optimizer, and options that exist and fit. */
export function checkScheduler<O>(
  op: string,
  kinds: OptionKinds<O>,
  optimizer: Schedulable,
  options: O,
): void {
  checkArguments(op, { optimizer: schedulable, options: optionsOf(kinds) }, [optimizer, options]);
}

/** The number that a user's function returned; for other values NaN, which is refused. */
export const numberOf = (value: unknown): number => (typeof value === "number" ? value : Number.NaN);

/** One value for each group of the optimizer, from a list or from one value for all. */
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

/** Throws unless every group has a momentum, or betas. */
export function checkMomentum(op: string, { paramGroups }: Schedulable): void {
  const isNumber = (value: unknown) => typeof value === "number";
  if (paramGroups.every(({ momentum, betas }) => isNumber(betas === undefined ? momentum : betas[0]))) return;
  throw new ThalwegError(op, "the optimizer has neither momentum nor betas", "use cycleMomentum: false");
}

/** Sets the momentum of a group, or the first of its betas. */
function setMomentum(group: ScheduledGroup, value: number): void {
  if (group.betas === undefined) group.momentum = value;
  else group.betas = [value, ...group.betas.slice(1)];
}

/** Rates of groups before a scheduler changed them: schedulers made later start from the same. */
const initialRates = new WeakMap<object, number>();

/** Sets the rates that the optimizer's schedulers start from. */
export function setInitialRates({ paramGroups }: Schedulable, rates: readonly number[]): void {
  paramGroups.forEach((group, i) => {
    initialRates.set(group, rates[i]!);
  });
}

/** Where to call a scheduler that would be called while a program is recorded. */
export const afterTheCall = "call it after the compiled function";

/** The names of schedulers in errors. Outside of them, since their fields are their state. */
const titles = /* @__PURE__ */ new WeakMap<LRScheduler, string>();

const titleOf = (scheduler: LRScheduler): string => titles.get(scheduler) ?? "LRScheduler";

/**
 * Sets the learning rate of every group of an optimizer, epoch by epoch: call `step()` after those of the
 * optimizer. Most compute rates from the current ones, as PyTorch does, so that they can be combined and
 * rates changed by hand.
 */
export abstract class LRScheduler {
  readonly optimizer: Schedulable;
  /** Rates of the groups before a scheduler changed them. */
  readonly baseLrs: readonly number[];
  /** Number of steps so far. */
  lastEpoch = 0;

  /** @param name its name in errors; unless given, that of its class, which minifiers change */
  constructor(optimizer: Schedulable, name?: string) {
    const title = name ?? new.target.name;
    titles.set(this, title);
    if (new.target === LRScheduler) {
      throw new ArgumentError(
        "LRScheduler",
        "has no rates",
        "use one that has, such as StepLR, or extend it",
      );
    }
    checkArguments(title, { optimizer: schedulable }, [optimizer]);
    this.optimizer = optimizer;
    this.baseLrs = optimizer.paramGroups.map((group) => initialRates.get(group) ?? group.lr);
  }

  /** The rate of a group for the epoch `lastEpoch`, from its last one. */
  protected abstract next(lr: number, baseLr: number, group: number): number;

  /** The momentum of a group for the epoch `lastEpoch`, if that is scheduled as well. */
  protected nextMomentum(_group: number): number | undefined {
    return undefined;
  }

  /** Whether a group was added after the scheduler was made, which then has no options for it. */
  protected isLate(group: number): boolean {
    return group >= this.baseLrs.length;
  }

  /**
   * Sets all rates for the epoch `lastEpoch`; constructors end with it.
   *
   * @param op the beginning of errors; the name of the class unless given
   * @param from the rates until now; those of the groups unless given
   * @throws ThalwegError when one is not a finite number, with none set.
   */
  protected apply(op = titleOf(this), from: readonly number[] = this.getLastLr()): void {
    const { baseLrs, lastEpoch, optimizer } = this;
    const next = from.map((lr, i) => {
      const values = [this.next(lr, baseLrs[i] ?? lr, i), this.nextMomentum(i)] as const;
      const wrong = values.find((value) => value !== undefined && !Number.isFinite(value));
      if (wrong === undefined && values[0] !== undefined) return values;
      const problem = `a rate or momentum of paramGroups[${i}] would be ${describe(wrong)} in epoch ${lastEpoch}`;
      throw new ThalwegError(op, problem, "change the options or the function that lead there");
    });
    optimizer.paramGroups.forEach((group, i) => {
      const [lr, momentum] = next[i]!;
      group.lr = lr;
      if (momentum !== undefined) setMomentum(group, momentum);
      if (!this.isLate(i) && !initialRates.has(group)) initialRates.set(group, baseLrs[i]!);
    });
  }

  /** Changes fields and sets the resulting rates; changes nothing if that fails. */
  protected change(method: string, fields: object, from?: readonly number[]): void {
    recorder?.read(`${titleOf(this)}.${method}`, afterTheCall);
    const before = { ...this };
    Object.assign(this, fields);
    try {
      this.apply(`${titleOf(this)}.${method}`, from);
    } catch (error) {
      Object.assign(this, before);
      throw error;
    }
  }

  /** Goes on to the next epoch. */
  step(): void {
    this.change("step", { lastEpoch: this.lastEpoch + 1 });
  }

  /** Returns to the first epoch, and to the groups' initial rates. */
  restart(): void {
    this.change("restart", { lastEpoch: 0 }, this.firstRates());
  }

  /** The rates of all groups in the first epoch. */
  protected firstRates(): number[] {
    return this.optimizer.paramGroups.map((group, i) => this.baseLrs[i] ?? group.lr);
  }

  /** The current rates, one for each group. */
  getLastLr(): number[] {
    return this.optimizer.paramGroups.map((group) => group.lr);
  }

  /** Everything but the optimizer and functions, in values that survive JSON. */
  stateDict(): SchedulerState {
    return stateOf(this);
  }

  /** @throws ThalwegError that lists everything that does not fit, with nothing changed. */
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
    const fit = fitting(`${titleOf(this)}.loadStateDict`, this.stateDict(), state, this.ranges);
    return () => {
      Object.assign(this, fit);
    };
  }

  /** The values that fields of a saved state may have, by name, besides being of the right type. @internal */
  protected get ranges(): Signature {
    return { baseLrs: finite, lastEpoch: count };
  }
}
