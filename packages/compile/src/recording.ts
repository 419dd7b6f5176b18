import { isSpent } from "@thalweg/autograd/internal";
import {
  type CountedState,
  copyProgram,
  type KernelCall,
  Layout,
  leftBehind,
  pushCallLayer,
  type RecordedUpdate,
  type Recorder,
  readBy,
  recorder,
  type Storage,
  setRecorder,
  type View,
  withViews,
  writtenBy,
} from "@thalweg/kernels";
import {
  type Generator,
  type GeneratorState,
  type GraphNode,
  Tensor,
  ThalwegError,
  zeros,
} from "@thalweg/tensor";
import { type DispatchLayer, pushLayer, replay } from "@thalweg/tensor/internal";
import { countOf, type HostStep, type Renewal, renewalOf, stepOf } from "./optimizers";
import { Slot, slotOf } from "./slot";
import type { Found } from "./values";

/** A kernel call of a recorded program. The storages of its views are slots. */
export interface RecordedCall {
  readonly call: KernelCall;
  /** Computes the numbers among its operands. */
  readonly numbers?: Renewal;
  /** The call whose numbers it has, if it was joined with others. */
  readonly source?: RecordedCall;
  /** Whether its numbers are those of JavaScript that may run again. */
  isAgain?: boolean;
  /** The generator whose numbers it draws, and how far after the start of the program. */
  readonly drawn?: { readonly generator: Generator; readonly offset: number };
}

/** What JavaScript does before the kernels of a program run, in order. */
export type HostAction =
  | { readonly kind: "step"; readonly step: HostStep }
  | { readonly kind: "numbers"; readonly call: RecordedCall }
  | {
      readonly kind: "rerun";
      readonly run: () => void;
      readonly isStale: () => boolean;
      readonly calls: readonly RecordedCall[];
    };

/** What must hold for the program to fit. */
export interface Guard {
  readonly name: string;
  readonly holds: () => boolean;
}

/** A tensor from outside, as it was when it was first used. */
interface Noted {
  readonly storage: Storage;
  readonly requiresGrad: boolean;
  readonly node: GraphNode | null;
}

/** A storage from outside before it was first written. */
interface Backup {
  readonly copy: Storage;
  readonly version: number;
}

const flat = (storage: Storage): View => ({ storage, layout: Layout.contiguous([storage.size]) });

/** Copies all elements, without a trace in the recording. */
export function copyInto(to: Storage, from: Storage): void {
  if (to.size > 0) to.backend.map(copyProgram(to.dtype), [flat(to)], [flat(from)]);
}

/** A copy of all elements, which the caller releases. */
export function copied(storage: Storage): Storage {
  const copy = storage.backend.allocate(storage.dtype, storage.size);
  copy.retain();
  copyInto(copy, storage);
  return copy;
}

/** Records what a function computes while it runs. */
export class Recording implements Recorder {
  readonly calls: RecordedCall[] = [];
  readonly host: HostAction[] = [];
  readonly guards: Guard[] = [];
  /** Whether the function reaches the memory of an argument in another way, too. */
  isEntangled = false;
  /** Why the recording is good for one call only; empty if it is not. */
  onlyOnce = "";
  /** Tensors from outside that operations read, as they were. */
  readonly tensors = new Map<Tensor, Noted>();
  /** The gradients of tensors before they were first read or replaced. */
  readonly gradients = new Map<Tensor, Tensor | null>();
  /** The states of generators before their first use. */
  readonly generators = new Map<Generator, GeneratorState>();
  readonly slots = new Map<Storage, Slot>();
  readonly made = new Set<Storage>();
  /** Tensors that it made of memory that was there. */
  private readonly own = new WeakSet<Tensor>();
  private readonly lasting = new Set<Storage>();
  private readonly backups = new Map<Storage, Backup>();
  private readonly inputs: ReadonlySet<Storage>;
  private readonly op: string;
  private readonly areNoted: boolean = false;
  private pending: Omit<RecordedCall, "call"> = {};
  /** The error of what cannot be replayed; null for none. */
  private refusal: ThalwegError | null = null;

  constructor(op: string, inputs: readonly Found[]) {
    this.op = op;
    this.inputs = new Set(inputs.map(({ tensor }) => tensor.storage));
    for (const { tensor } of inputs) this.note(tensor);
    this.areNoted = true;
  }

  /** Runs a body and records it. If it throws, everything is as it was before. */
  run<T>(body: () => T): T {
    try {
      const result = this.extend(body);
      // Also where the function caught it, or does not wait for a promise that was rejected by it.
      if (this.refusal !== null) throw this.refusal;
      return result;
    } catch (error) {
      this.takeBack();
      throw error;
    }
  }

  /** Runs more, and records it. */
  extend<T>(body: () => T): T {
    const outer = setRecorder(this);
    const { generators } = replay;
    replay.generators = new Map();
    const remove = [pushCallLayer(this.callLayer), pushLayer(this.opLayer)];
    try {
      return body();
    } finally {
      for (const undo of remove) undo();
      setRecorder(outer);
      replay.generators = generators;
    }
  }

  private readonly callLayer = (call: KernelCall, next: (call: KernelCall) => void): void => {
    // A call of the host runs calls of its own.
    const isRecorded = setRecorder(null) === this;
    if (isRecorded) this.add(call);
    setRecorder(isRecorded ? this : null);
    next(call);
  };

  private readonly opLayer: DispatchLayer = (op, inputs, attrs, next) => {
    if (recorder !== this) return next(op, inputs, attrs);
    for (const input of inputs) if (input instanceof Tensor) this.note(input);
    const result = next(op, inputs, attrs);
    // A view, of memory that may be older.
    if (!inputs.includes(result)) this.own.add(result);
    return result;
  };

  private note(tensor: Tensor): void {
    const { storage } = tensor;
    if (this.made.has(storage) || this.own.has(tensor) || this.tensors.has(tensor)) return;
    const { requiresGrad, node } = tensor;
    // The arguments themselves were noted first.
    if (this.areNoted && this.inputs.has(storage)) this.isEntangled = true;
    this.tensors.set(tensor, { storage, requiresGrad, node });
  }

  private add(call: KernelCall): void {
    for (const view of writtenBy(call)) this.willWrite(view.storage);
    for (const view of [...writtenBy(call), ...readBy(call)]) if (view instanceof Tensor) this.note(view);
    const symbolic = withViews(call, ({ storage, layout }) => ({
      storage: this.slot(storage) as unknown as Storage,
      layout,
    }));
    for (const view of writtenBy(symbolic)) slotOf(view).writes++;
    const recorded: RecordedCall = { call: symbolic, ...this.pending };
    if (recorded.numbers !== undefined) this.host.push({ kind: "numbers", call: recorded });
    this.pending = {};
    this.calls.push(recorded);
  }

  /** The slot of a storage. */
  slot(storage: Storage): Slot {
    let slot = this.slots.get(storage);
    if (slot === undefined) {
      const origin = this.made.has(storage) ? "made" : this.inputs.has(storage) ? "input" : "outside";
      slot = new Slot(storage, origin, this.calls.length);
      this.slots.set(storage, slot);
    }
    return slot;
  }

  /** Keeps a copy of what is about to be overwritten. */
  private willWrite(storage: Storage): void {
    const slot = this.slot(storage);
    if (slot.origin === "made" || slot.writes > 0) return;
    const copy = copied(storage);
    if (slot.origin === "constant") {
      slot.initial = copy;
      slot.origin = "made";
      storage.release();
    } else this.backups.set(storage, { copy, version: storage.version });
  }

  /** Restores what was there before the recording. */
  private takeBack(): void {
    for (const [storage, { copy, version }] of this.backups) {
      copyInto(storage, copy);
      storage.version = version;
    }
    for (const [tensor, gradient] of this.gradients) tensor.keepGradient(gradient);
    for (const [generator, state] of this.generators) generator.setState(state);
    for (const action of this.host.toReversed()) if (action.kind === "step") action.step.undo();
    this.end();
  }

  /** Lets go of what it needs to take everything back. */
  letGo(): void {
    for (const { copy } of this.backups.values()) copy.release();
    for (const gradient of this.gradients.values()) gradient?.storage.release();
  }

  /** Ends the recording: takes the memory away from what it leaves behind. */
  end(): void {
    this.letGo();
    for (const storage of this.made) {
      const slot = this.slots.get(storage);
      if (this.lasting.has(storage) || slot?.isVisible || slot?.origin === "constant") continue;
      if (!storage.isExposed) continue;
      leftBehind.add(storage);
      storage.leave();
    }
  }

  /** Whether a tensor is no part of the recording. */
  isOutside = (tensor: Tensor): boolean => {
    const { storage } = tensor;
    return !this.made.has(storage) && !this.inputs.has(storage);
  };

  /** Whether a tensor from outside got a history, by an in-place write. */
  hasNewHistory(): boolean {
    return [...this.tensors].some(([tensor, { node }]) => tensor.node !== node);
  }

  /** Whether a result has a history that is yet to be walked. */
  isLive(tensor: Tensor): boolean {
    return tensor.requiresGrad && !isSpent(tensor, this.isOutside);
  }

  // The members of a recorder.

  allocated(storage: Storage): void {
    this.made.add(storage);
  }

  filled(storage: Storage, value: number): void {
    this.slot(storage).initial = value;
  }

  uploaded(storage: Storage): void {
    this.slot(storage).origin = "constant";
    storage.retain();
  }

  kept(storage: Storage): void {
    this.lasting.add(storage);
    this.slot(storage).origin = "outside";
  }

  read(op: string, remedy?: string): void {
    this.refusal ??=
      remedy === undefined
        ? new ThalwegError(
            op,
            `reads elements inside of ${this.op}, which is recorded: later calls would not read again`,
            "return the tensor and read it after the call, or choose with where",
          )
        : new ThalwegError(op, `is called inside of ${this.op}, which is recorded and not run again`, remedy);
    throw this.refusal;
  }

  wrapped(tensor: object, of: object): void {
    this.note(of as Tensor);
    this.own.add(tensor as Tensor);
  }

  gradient(tensor: object): void {
    const leaf = tensor as Tensor;
    if (this.gradients.has(leaf) || this.own.has(leaf) || this.made.has(leaf.storage)) return;
    leaf.gradient?.storage.retain();
    this.gradients.set(leaf, leaf.gradient);
    this.note(leaf);
  }

  draws(of: object): void {
    const generator = of as Generator;
    const { position } = generator.getState();
    let start = this.generators.get(generator);
    if (start === undefined) this.generators.set(generator, (start = generator.getState()));
    this.pending = { ...this.pending, drawn: { generator, offset: position - start.position } };
  }

  steps(groups: readonly { readonly params: readonly object[] }[], check: () => void): void {
    this.host.push({ kind: "step", step: stepOf(groups, check) });
  }

  counts(states: ReadonlyMap<object, CountedState>, param: object, count: () => void): void {
    const step = countOf(states, param, count);
    this.host.push({ kind: "step", step });
  }

  states(states: Map<object, CountedState>, param: object): void {
    this.once("the state of an optimizer, which was made");
    this.host.push({ kind: "step", step: { run: () => false, undo: () => states.delete(param) } });
  }

  updates(update: RecordedUpdate): void {
    this.pending = { ...this.pending, numbers: renewalOf(update) };
  }

  reruns(grad: object, update: (grad: never) => void, from: () => unknown): void {
    const first = this.calls.length;
    const key = () => JSON.stringify(from());
    update(grad as never);
    let last = key();
    const calls = this.calls.slice(first);
    for (const call of calls) call.isAgain = true;
    const { shape, dtype, device } = grad as Tensor;
    let standIn: Tensor | undefined;
    const run = () => {
      standIn ??= zeros(shape, { dtype, device });
      update(standIn as never);
      last = key();
    };
    this.host.push({ kind: "rerun", run, isStale: () => key() !== last, calls });
  }

  guard(name: string, holds: () => boolean): void {
    this.guards.push({ name, holds });
  }

  once(reason: string): void {
    this.onlyOnce = reason;
  }
}
