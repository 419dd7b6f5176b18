import { prepareCalls } from "@thalweg/cpu/internal";
import {
  dispatch,
  execute,
  isObserved,
  isView,
  type KernelCall,
  Layout,
  operandsOf,
  prepare,
  readBy,
  type Storage,
  type View,
  withViews,
  writtenBy,
} from "@thalweg/kernels";
import type { Generator, GeneratorState } from "@thalweg/tensor";
import { fused } from "./fuse";
import { expanded, type InlineCall, isInline } from "./inline";
import { allocateSlots, needed } from "./plan";
import type { RecordedCall } from "./recording";
import { reusing } from "./reuse";
import { maxNodes, nodesOf, type Segment, segmentOf } from "./segment";
import { simplified } from "./simplify";
import { withoutPadding } from "./slices";
import { type Slot, slotOf } from "./slot";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A view whose storage is set before a program runs. */
type MovableView = Writable<View>;

/** A call that can be run. */
export interface Step {
  readonly call: KernelCall;
  /** The same with slots for storages. */
  readonly symbolic: KernelCall;
  readonly recorded: RecordedCall;
  /** The function that runs it among others; undefined where it runs by itself. */
  segment: Segment | undefined;
}

/** A part of a program. */
interface Unit {
  readonly run: () => void;
  readonly release?: () => void;
}

/** The storage of a slot that has another one at every run. */
export class Place {
  readonly slot: Slot;
  private readonly views: MovableView[] = [];

  constructor(slot: Slot) {
    this.slot = slot;
  }

  add(view: MovableView): void {
    this.views.push(view);
  }

  bind(storage: Storage): void {
    const { views } = this;
    for (let i = 0; i < views.length; i++) views[i]!.storage = storage;
  }
}

/** The states of generators at the start of a program. */
export type States = ReadonlyMap<Generator, GeneratorState>;

/** Kernel calls with memory of their own: what they leave there is the next run's to overwrite. */
export class Executable {
  readonly steps: readonly Step[];
  /** Storages that hold what lies between the calls. */
  readonly memory: readonly Storage[];
  /** What is run: calls, and small ones together. */
  private readonly units: readonly Unit[];
  private readonly places = new Map<Slot, Place>();
  private readonly stepOf = new Map<RecordedCall, Step>();

  /** Slots of arguments and gradients, and those that are visible, are bound to storages before each run. */
  constructor(recorded: readonly RecordedCall[]) {
    const memory: Storage[] = [];
    const simple = withoutPadding(simplified(needed(recorded), memory));
    const calls = fused(reusing(simple.flatMap(expanded)));
    const { rooms, all } = allocateSlots(calls);
    this.memory = [...memory, ...all];
    this.steps = calls.map((recorded) => {
      const call = withViews(recorded.call, (view) => {
        if (!("origin" in view.storage)) return view;
        const slot = slotOf(view);
        const { storage, offset } = rooms.get(slot) ?? { storage: slot.storage, offset: 0 };
        const own: MovableView = { storage, layout: shifted(view.layout, offset) };
        if (slot.isBound) this.place(slot).add(own);
        return own;
      });
      const symbolic = withViews(recorded.call, (view) => {
        const room = rooms.get(slotOf(view));
        return room === undefined
          ? view
          : { storage: view.storage, layout: shifted(view.layout, room.offset) };
      });
      const step: Step = { call, symbolic, recorded, segment: undefined };
      this.stepOf.set(recorded.source ?? recorded, step);
      return step;
    });
    this.units = joined(this.steps);
  }

  /** Where to bind a slot. */
  place(slot: Slot): Place {
    const known = this.places.get(slot) ?? new Place(slot);
    this.places.set(slot, known);
    return known;
  }

  /** Sets the numbers among the operands of a call. */
  setNumbers(recorded: RecordedCall, numbers: ArrayLike<number>): void {
    const step = this.stepOf.get(recorded);
    if (step !== undefined) setNumbers(step, numbers);
  }

  /** Whether a call is still there: what nobody needs is not run. */
  has(recorded: RecordedCall): boolean {
    return this.stepOf.has(recorded);
  }

  /** Makes the calls that draw random numbers draw them from here on. */
  draw(states: States): void {
    for (const { call, recorded } of this.steps) {
      if (recorded.drawn === undefined) continue;
      const { generator, offset } = recorded.drawn;
      const { seed, position } = states.get(generator)!;
      const args = (call as Extract<KernelCall, { kind: "random" }>).args as Writable<unknown[]>;
      args[2] = seed;
      args[3] = position + offset;
    }
  }

  run(): void {
    const { units, steps } = this;
    if (isObserved()) for (let i = 0; i < steps.length; i++) dispatch(steps[i]!.call);
    else for (let i = 0; i < units.length; i++) units[i]!.run();
  }

  /** Releases the memory. */
  drop(): void {
    for (const unit of this.units) unit.release?.();
    for (const storage of this.memory) storage.release();
  }
}

function shifted(layout: Layout, by: number): Layout {
  return by === 0 ? layout : new Layout(layout.shape, layout.strides, layout.offset + by);
}

/** The numbers among the operands of a call. */
export function numbersOf(call: KernelCall): number[] {
  return operandsOf(call).filter((operand) => typeof operand === "number");
}

function setNumbers({ call, recorded, segment }: Step, numbers: ArrayLike<number>): void {
  segment?.setNumbers(recorded, numbers);
  const operands = operandsOf(call) as (View | number)[];
  let next = 0;
  for (let i = 0; i < operands.length; i++) if (!isView(operands[i]!)) operands[i] = numbers[next++]!;
}

/** Small calls that follow one another as one function, and others prepared together. */
function joined(steps: readonly Step[]): Unit[] {
  const home = new Map<Slot, unknown>();
  const groups: { readonly kind: "inline" | "host" | "prepared"; readonly steps: Step[] }[] = [];
  let nodes = 0;
  for (const step of steps) {
    const { call } = step.recorded;
    const kind = isInline(call) ? "inline" : call.kind === "host" ? "host" : "prepared";
    const cost = isInline(call) ? nodesOf(call) : 0;
    let group = groups.at(-1);
    const isNew =
      group?.kind !== kind ||
      kind === "host" ||
      group.steps[0]!.call.backend !== call.backend ||
      nodes + cost > maxNodes;
    nodes = isNew ? cost : nodes + cost;
    if (group === undefined || isNew) groups.push((group = { kind, steps: [] }));
    group.steps.push(step);
    for (const view of [...writtenBy(call), ...readBy(call)]) {
      const slot = slotOf(view);
      home.set(slot, home.get(slot) === undefined || home.get(slot) === group ? group : null);
    }
  }
  return groups.map((group): Unit => {
    const calls = group.steps.map(({ call }) => call);
    if (group.kind === "host") return { run: () => execute(calls[0]!) };
    // The CPU's is not a method of its backend: those who do not compile would load it.
    if (group.kind === "prepared")
      return calls[0]!.backend.device === "cpu" ? prepareCalls(calls) : prepare(calls);
    const inline = group.steps.map(({ call, symbolic, recorded }) => ({
      key: recorded,
      symbolic: symbolic as InlineCall,
      call: call as InlineCall,
      hasNumbers: recorded.numbers !== undefined || recorded.isAgain === true,
    }));
    const segment = segmentOf(inline, (slot) => slot.isInner && home.get(slot) === group);
    for (const step of group.steps) step.segment = segment;
    return segment;
  });
}
