import { mode } from "@thalweg/autograd/internal";
import {
  changes,
  formatShape,
  Layout,
  type Storage,
  sameLayout,
  type View,
  writtenBy,
} from "@thalweg/kernels";
import type { Generator, GeneratorState, Tensor } from "@thalweg/tensor";
import { type Argument, argumentsOf, misfitOf } from "./arguments";
import { Backward, type RecordedBackward } from "./backward";
import { Executable, type States, type Step } from "./executable";
import { Host } from "./host";
import { type Leaf, markVisible, Outcome } from "./outcome";
import { bytesOf, completed, leastPeak } from "./plan";
import { copied, copyInto, type Guard, type Recording } from "./recording";
import { type Slot, slotOf } from "./slot";
import { differenceOf, type Form, type Found, matches, valueOf } from "./values";

/** Memory that is not the program's own and that it writes: from outside, of an argument, or of a gradient. */
interface Written {
  readonly storage: Storage | undefined;
  readonly argument: number;
  readonly leaf: Leaf | undefined;
  /** How often a call writes it. */
  readonly times: number;
}

/** The program no longer fits: nothing was changed. */
export const misfit: unique symbol = Symbol("misfit");

/** Why a program does not fit; null if it does. */
export type Misfit = string | null;

/** A function's value, taken apart. */
export interface Parts {
  readonly form: Form;
  readonly found: readonly Found[];
}

/** A recorded computation that can be run again. */
export class Program {
  readonly executable: Executable;
  readonly backward: Backward | null;
  /** Types and shapes of the arguments, for descriptions. */
  readonly argumentTypes: readonly string[];
  /** The number of calls that were recorded. */
  readonly recordedCalls: number;
  /** Bytes that all results of the recorded calls take together. */
  readonly eagerMemory: number;
  /** The least bytes that the recorded calls hold at once. */
  readonly eagerPeak: number;
  private readonly argumentForm: Form;
  private readonly arguments: readonly Argument[];
  private readonly resultForm: Form;
  /** The results that get a history. */
  private readonly live: readonly number[];
  readonly outcome: Outcome;
  private readonly gradientsOf: readonly (Tensor | number)[];
  private readonly guards: readonly Guard[];
  readonly host: Host;
  private readonly outside: readonly Storage[];
  private readonly names: ReadonlyMap<Storage, string>;
  private readonly gradients: readonly { readonly leaf: Leaf; readonly sameAs: number }[];
  private readonly written: readonly Written[];
  readonly counts: ReadonlyMap<Generator, number>;
  private readonly isRecording = mode.recording;
  private readonly tensors: readonly Tensor[] = [];
  private readonly fallible: readonly View[];
  private seen = changes.count;
  /** The only tensors that it fits; null if others do. */
  private only: readonly Tensor[] | null = null;

  /** @param keepsGradients whether tensors have their gradients after a run */
  constructor(
    recording: Recording,
    args: Parts,
    result: Parts,
    backward: RecordedBackward | null,
    keepsGradients: boolean,
  ) {
    const { slots } = recording;
    const given = args.found.map(({ tensor }) => tensor);
    this.argumentTypes = given.map(({ dtype, shape }) => `${dtype} ${formatShape(shape)}`);
    this.recordedCalls = recording.calls.length;
    this.eagerMemory = bytesOf([...slots.values()].filter(({ origin }) => origin === "made"));
    this.argumentForm = args.form;
    this.resultForm = result.form;
    this.guards = guardsOf(recording, given);
    this.counts = new Map(
      [...recording.generators].map(([generator, { position }]) => [
        generator,
        generator.getState().position - position,
      ]),
    );
    markVisible(recording, result.found, keepsGradients);
    const calls = completed(recording.calls, slots.values());
    this.eagerPeak = leastPeak(calls);
    this.executable = new Executable(calls);
    this.backward = backward && new Backward(backward);
    this.outcome = new Outcome(recording, given, result.found, this.executable, keepsGradients);
    this.arguments = argumentsOf(recording, args.found, ({ storage }) => {
      const slot = slots.get(storage);
      return slot?.isBound ? this.executable.place(slot) : undefined;
    });
    this.live =
      backward === null
        ? []
        : [...result.found.keys()].filter((i) => backward.live.includes(result.found[i]!.tensor));
    this.gradientsOf = (backward?.targets ?? []).map((tensor) => {
      const index = given.indexOf(tensor);
      return index < 0 ? tensor : index;
    });
    this.host = new Host(recording.host, this.executable);
    this.outside = [...slots.values()]
      .filter(({ origin }) => origin === "outside")
      .map(({ storage }) => storage);
    this.names = new Map(
      [...recording.tensors].flatMap(([{ name }, { storage }]) =>
        name === undefined ? [] : [[storage, name] as const],
      ),
    );
    this.gradients = this.memoryOfGradients();
    this.written = [...slots.values()].flatMap((slot) => this.writesOf(slot, given));
    this.fallible = this.writtenBeforeFailures();
  }

  /** The gradients that it reads or adds to, with the number of the first of arguments and these gradients that has the memory. */
  private memoryOfGradients(): { leaf: Leaf; sameAs: number }[] {
    const leaves = this.outcome.leaves.filter(({ place }) => place !== undefined);
    const slots = [...this.arguments, ...leaves].map(({ place }) => place?.slot);
    return leaves.map((leaf) => ({ leaf, sameAs: slots.indexOf(leaf.place!.slot) }));
  }

  /** The memory of an argument, or, behind those, of a gradient. */
  private memoryAt(i: number): Storage {
    const { tensors, gradients } = this;
    return i < tensors.length
      ? tensors[i]!.storage
      : gradients[i - tensors.length]!.leaf.tensor.gradient!.storage;
  }

  /** The tensor whose gradient shares memory with others than when it was recorded. */
  private sharing(): Tensor | undefined {
    const { gradients } = this;
    for (let i = 0; i < gradients.length; i++) {
      const { leaf, sameAs } = gradients[i]!;
      const { storage } = leaf.tensor.gradient!;
      let first = 0;
      while (this.memoryAt(first) !== storage) first++;
      if (first !== sameAs) return leaf.tensor;
    }
    return undefined;
  }

  /** Makes it fit these tensors alone, which the function reaches without its arguments, too. */
  fitsOnly(tensors: readonly Tensor[]): void {
    this.only = tensors;
  }

  /** Releases the memory. */
  drop(): void {
    this.executable.drop();
    this.backward?.drop();
    this.outcome.drop();
  }

  /** Who has the memory of a slot that is not the program's own, and how often it is written. */
  private writesOf(slot: Slot, given: readonly Tensor[]): Written[] {
    const { origin, writes: times, storage } = slot;
    const leaf = this.outcome.leaves.find(({ place }) => place?.slot === slot);
    const argument = given.findIndex((tensor) => tensor.storage === storage);
    if (times === 0 || origin === "made" || origin === "constant") return [];
    return [{ storage: origin === "outside" ? storage : undefined, argument, leaf, times }];
  }

  /** Why the program does not fit these arguments. */
  misfit(args: readonly unknown[]): Misfit {
    const { tensors } = this;
    if (!matches(this.argumentForm, args, tensors as Tensor[]))
      return differenceOf(this.argumentForm, args, "arguments");
    if (mode.recording !== this.isRecording) return "the gradient mode";
    const { only } = this;
    if (only?.some((tensor, i) => tensor !== tensors[i])) return "other tensors among the arguments";
    const why = misfitOf(this.arguments, tensors);
    if (why !== null) return why;
    for (let i = 0; i < tensors.length; i++) {
      if (this.outside.includes(tensors[i]!.storage)) return `memory that ${this.arguments[i]!.path} shares`;
    }
    const { leaves } = this.outcome;
    for (let i = 0; i < leaves.length; i++) {
      const leaf = leaves[i]!;
      if (leaf.argument >= 0) leaf.tensor = tensors[leaf.argument]!;
      const { tensor, before } = leaf;
      const { gradient } = tensor;
      if ((gradient === null) !== (before === null))
        return `whether ${tensor.name ?? "a tensor"} has a gradient`;
      if (before !== null && !sameLayout(gradient!.layout, before)) return "the layout of a gradient";
    }
    const sharing = this.sharing();
    if (sharing !== undefined) return `memory that the gradient of ${sharing.name ?? "a tensor"} shares`;
    for (let i = 0; i < this.outside.length; i++) {
      if (this.outside[i]!.isDisposed) return "a tensor that was disposed of";
    }
    if (this.seen !== changes.count) {
      for (const { name, holds } of this.guards) if (!holds()) return name;
      this.seen = changes.count;
    }
    return null;
  }

  /** Runs the program with the arguments that {@link misfit} found to fit. */
  run(): unknown {
    const { tensors, written, outcome, resultForm } = this;
    if (!this.host.run()) return misfit;
    for (let i = 0; i < this.arguments.length; i++) this.arguments[i]!.place?.bind(tensors[i]!.storage);
    outcome.prepare();
    const states = this.counts.size > 0 ? this.draw() : noStates;
    if (this.fallible.length > 0) this.runProtected(states);
    else this.runKernels(states);
    for (let i = 0; i < written.length; i++) {
      this.storageOf(written[i]!).version += written[i]!.times;
    }
    outcome.settle(tensors);
    const results = outcome.resultsOf(tensors, this.backward === null);
    if (this.backward !== null) this.addHistory(this.backward, results, states);
    return resultForm.kind === "tensor" ? results[0] : valueOf(resultForm, results);
  }

  /** Gives the results that are live a history. */
  private addHistory(backward: Backward, results: Tensor[], states: States): void {
    const storageOf = (slot: Slot): Storage => {
      const made = this.outcome.targets.find((target) => target.slot === slot)?.storage;
      made?.expose();
      const index = this.arguments.findIndex(({ place }) => place?.slot === slot);
      return made ?? this.tensors[index]?.storage ?? slot.storage;
    };
    const targets = this.gradientsOf.map((of) => (typeof of === "number" ? this.tensors[of]! : of));
    const tracked = backward.track(
      this.live.map((i) => results[i]!),
      targets,
      storageOf,
      states,
    );
    this.live.forEach((i, k) => {
      results[i] = tracked[k]!;
    });
  }

  /** The memory that is not the program's own and that it writes. */
  writtenStorages(): Storage[] {
    return this.written.map((of) => this.storageOf(of));
  }

  private storageOf({ storage, argument, leaf }: Written): Storage {
    return storage ?? (leaf?.tensor.gradient ?? this.tensors[argument]!).storage;
  }

  /** Memory from outside that it writes, as tensors with names. */
  outsideTensors(): { storage: Storage; layout: Layout; name: string }[] {
    return this.written.flatMap(({ storage }) => {
      if (storage === undefined) return [];
      const name = this.names.get(storage) ?? "a tensor from outside";
      return [{ storage, layout: Layout.contiguous([storage.size]), name }];
    });
  }

  private runKernels(states: States): void {
    try {
      this.executable.run();
    } catch (error) {
      for (const [generator, state] of states) generator.setState(state);
      this.host.undo();
      throw error;
    }
  }

  /** Restores what was written if a kernel fails. */
  private runProtected(states: States): void {
    const backups = this.fallible.map(({ storage }) => copied(storage));
    try {
      this.runKernels(states);
    } catch (error) {
      this.fallible.forEach(({ storage }, i) => {
        copyInto(storage, backups[i]!);
      });
      throw error;
    } finally {
      for (const copy of backups) copy.release();
    }
  }

  /** A view of each storage that is not the program's own and that a call writes before another one can fail. */
  private writtenBeforeFailures(): View[] {
    const { steps } = this.executable;
    const canFail = ({ call: { kind } }: Step) =>
      kind === "host" || kind === "gather" || kind === "scatterAdd";
    const views = new Map<Slot, View>();
    for (const { call, recorded } of steps.slice(0, Math.max(steps.findLastIndex(canFail), 0))) {
      const own = writtenBy(call);
      for (const [k, view] of writtenBy(recorded.call).entries()) {
        const slot = slotOf(view);
        if (slot.origin !== "made") views.set(slot, own[k]!);
      }
    }
    return [...views.values()];
  }

  /** Takes the random numbers of a run; returns the states of the generators before. */
  private draw(): States {
    const states = new Map<Generator, GeneratorState>();
    for (const [generator, count] of this.counts) states.set(generator, generator.take(2 * count));
    this.executable.draw(states);
    return states;
  }
}

const noStates: States = new Map();

function guardsOf(recording: Recording, given: readonly Tensor[]): Guard[] {
  const ofTensors = [...recording.tensors]
    .filter(([tensor]) => !given.includes(tensor))
    .map(([tensor, { storage, requiresGrad }]) => ({
      name: tensor.name ?? "a tensor",
      holds: () => tensor.storage === storage && tensor.requiresGrad === requiresGrad,
    }));
  return [...recording.guards, ...ofTensors].filter(({ holds }) => holds());
}
