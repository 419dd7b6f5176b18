import { mode } from "@thalweg/autograd/internal";
import {
  changes,
  formatShape,
  Layout,
  type Storage,
  sameShape,
  type View,
  writtenBy,
} from "@thalweg/kernels";
import { type Generator, type GeneratorState, type GraphNode, Tensor } from "@thalweg/tensor";
import { Backward, type RecordedBackward } from "./backward";
import { Executable, type Place, type States, type Step } from "./executable";
import { Host } from "./host";
import { completed } from "./plan";
import { copied, copyInto, type Guard, type Recording } from "./recording";
import { type Slot, slotOf } from "./slot";
import { type Form, type Found, matches, valueOf } from "./values";

/** What an argument must be like. */
interface Argument {
  readonly path: string;
  readonly layout: Layout;
  readonly like: Tensor;
  readonly requiresGrad: boolean;
  /** The first argument that is the same tensor, and the first with the same storage. */
  readonly same: number;
  readonly sameAs: number;
  /** Where its storage is used; undefined where it is not. */
  readonly place: Place | undefined;
}

/** A tensor whose gradient the program reads or replaces. */
interface Leaf {
  /** The tensor; the one of the call where it is an argument. */
  tensor: Tensor;
  /** The argument that it is; -1 for none. */
  readonly argument: number;
  /** The layout of the gradient before the call; null for none. */
  readonly before: Layout | null;
  /** Where the storage of that gradient is used. */
  readonly place: Place | undefined;
  /** The gradient after the call: `same` if it is the one before. */
  after: "same" | "none" | Lent | { readonly target: Target; readonly layout: Layout };
  /** The gradient that it had before this call. */
  given: Tensor | null;
  /** The tensor that the program made last. */
  last: Tensor | null;
}

/** A tensor that was there before the call: it, or a view of its memory. */
type Lent =
  | { readonly kind: "argument"; readonly index: number }
  | { readonly kind: "outside"; readonly tensor: Tensor }
  | { readonly kind: "of argument"; readonly index: number; readonly layout: Layout }
  | { readonly kind: "given"; readonly leaf: Leaf }
  | { readonly kind: "of given"; readonly leaf: Leaf; readonly layout: Layout };

/** Memory that is new at every call, because it is seen after it. */
interface Target {
  readonly slot: Slot;
  readonly place: Place;
  /** The leaf whose last gradient has the memory, if it can be used again. */
  leaf: Leaf | undefined;
  storage: Storage | undefined;
}

/** How a result is made. */
type Result =
  | Lent
  | { readonly kind: "gradient"; readonly leaf: Leaf }
  | {
      readonly kind: "made";
      readonly target: Target;
      readonly layout: Layout;
      readonly node: GraphNode | null;
    };

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

function isLike(a: Layout, b: Layout): boolean {
  return a === b || (a.offset === b.offset && sameShape(a.shape, b.shape) && sameShape(a.strides, b.strides));
}

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
  /** What the recorded calls allocated. */
  readonly madeSlots: readonly Slot[];
  private readonly argumentForm: Form;
  private readonly arguments: readonly Argument[];
  private readonly resultForm: Form;
  private readonly results: readonly Result[];
  /** The results that get a history. */
  private readonly live: readonly number[];
  readonly leaves: readonly Leaf[];
  readonly targets: readonly Target[];
  private readonly gradientsOf: readonly (Tensor | number)[];
  private readonly guards: readonly Guard[];
  readonly host: Host;
  private readonly outside: readonly Storage[];
  private readonly names: ReadonlyMap<Storage, string>;
  private readonly written: readonly Written[];
  readonly counts: ReadonlyMap<Generator, number>;
  private readonly isRecording = mode.recording;
  private readonly tensors: readonly Tensor[] = [];
  private readonly fallible: readonly View[];
  private seen = changes.count;

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
    this.madeSlots = [...slots.values()].filter(({ origin }) => origin === "made");
    this.argumentForm = args.form;
    this.resultForm = result.form;
    this.guards = guardsOf(recording, given);
    this.counts = new Map(
      [...recording.generators].map(([generator, { position }]) => [
        generator,
        generator.getState().position - position,
      ]),
    );
    for (const gradient of recording.gradients.values()) {
      const slot = gradient === null ? undefined : slots.get(gradient.storage);
      if (slot?.origin === "outside") slot.origin = "gradient";
    }
    const isMade = (tensor: Tensor | null): tensor is Tensor =>
      tensor !== null &&
      recording.made.has(tensor.storage) &&
      recording.slot(tensor.storage).origin !== "outside";
    const after = [...recording.gradients.keys()].map(({ gradient }) => gradient);
    const seen = [...(keepsGradients ? after : []), ...result.found.map(({ tensor }) => tensor)].filter(
      isMade,
    );
    for (const { storage } of seen) recording.slot(storage).isVisible = true;
    this.executable = new Executable(completed(recording.calls, slots.values()));
    this.backward = backward && new Backward(backward);
    const place = (storage: Storage) => {
      const slot = slots.get(storage);
      return slot?.isBound ? this.executable.place(slot) : undefined;
    };
    this.targets = [...slots.values()]
      .filter((slot) => slot.origin === "made" && slot.isVisible)
      .map((slot) => ({ slot, place: this.executable.place(slot), leaf: undefined, storage: undefined }));
    const targetOf = ({ storage }: Tensor) => this.targets.find(({ slot }) => slot.storage === storage)!;
    const storages = given.map(({ storage }) => storage);
    this.arguments = args.found.map(({ tensor, path }, i) => {
      const sameAs = storages.indexOf(tensor.storage);
      const requiresGrad = recording.tensors.get(tensor)?.requiresGrad ?? tensor.requiresGrad;
      const { layout, storage } = tensor;
      const same = given.indexOf(tensor);
      return {
        path,
        layout,
        like: tensor,
        requiresGrad,
        same,
        sameAs,
        place: sameAs < i ? undefined : place(storage),
      };
    });
    const leaves = [...recording.gradients].map(
      ([tensor, before]): Leaf => ({
        tensor,
        argument: given.indexOf(tensor),
        before: before?.layout ?? null,
        place: before === null ? undefined : place(before.storage),
        after: "same",
        given: before,
        last: null,
      }),
    );
    const lent = (tensor: Tensor): Lent | null => {
      const { storage, layout } = tensor;
      const index = given.indexOf(tensor);
      if (index >= 0) return { kind: "argument", index };
      const owner = storages.indexOf(storage);
      if (owner >= 0) return { kind: "of argument", index: owner, layout };
      const leaf = leaves.find(({ given }) => given?.storage === storage);
      if (leaf !== undefined)
        return leaf.given === tensor ? { kind: "given", leaf } : { kind: "of given", leaf, layout };
      return isMade(tensor) ? null : { kind: "outside", tensor };
    };
    for (const leaf of leaves) {
      const { gradient } = leaf.tensor;
      if (gradient === leaf.given) continue;
      if (gradient === null || !keepsGradients) leaf.after = "none";
      else leaf.after = lent(gradient) ?? { target: targetOf(gradient), layout: gradient.layout };
      // The gradient of an argument is seen as long as that is.
      if (leaf.argument < 0 && typeof leaf.after === "object" && "target" in leaf.after)
        leaf.after.target.leaf = leaf;
    }
    this.leaves = leaves;
    this.results = result.found.map(({ tensor }): Result => {
      const leaf = leaves.find((leaf) => leaf.after !== "same" && leaf.tensor.gradient === tensor);
      if (leaf !== undefined && leaf.after !== "none") return { kind: "gradient", leaf };
      const { layout, node } = tensor;
      return lent(tensor) ?? { kind: "made", target: targetOf(tensor), layout, node };
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
    this.written = [...slots.values()].flatMap((slot) => this.writesOf(slot, given));
    this.fallible = this.writtenBeforeFailures();
  }

  /** Releases the memory. */
  drop(): void {
    this.executable.drop();
    this.backward?.drop();
    for (const { storage } of this.targets) storage?.release();
  }

  /** Who has the memory of a slot that is not the program's own, and how often it is written. */
  private writesOf(slot: Slot, given: readonly Tensor[]): Written[] {
    const { origin, writes: times, storage } = slot;
    const leaf = this.leaves.find(({ place }) => place?.slot === slot);
    const argument = given.findIndex((tensor) => tensor.storage === storage);
    if (times === 0 || origin === "made" || origin === "constant") return [];
    return [{ storage: origin === "outside" ? storage : undefined, argument, leaf, times }];
  }

  /** Why the program does not fit these arguments. */
  misfit(args: readonly unknown[]): Misfit {
    const { tensors } = this;
    if (!matches(this.argumentForm, args, tensors as Tensor[])) return "other arguments";
    if (mode.recording !== this.isRecording) return "the gradient mode";
    for (let i = 0; i < this.arguments.length; i++) {
      const argument = this.arguments[i]!;
      const tensor = tensors[i]!;
      const { storage, layout } = tensor;
      const { like } = argument;
      if (storage.dtype !== like.storage.dtype) return `the type of ${argument.path}`;
      if (storage.backend !== like.storage.backend) return `the device of ${argument.path}`;
      if (!isLike(layout, argument.layout)) return `the shape or the strides of ${argument.path}`;
      if (tensor.requiresGrad !== argument.requiresGrad) return `requiresGrad of ${argument.path}`;
      if (storage.isDisposed) return `${argument.path}, which was disposed of`;
      let sameAs = 0;
      while (tensors[sameAs]!.storage !== storage) sameAs++;
      let same = sameAs;
      while (tensors[same] !== tensor) same++;
      if (sameAs !== argument.sameAs || same !== argument.same || this.outside.includes(storage)) {
        return `memory that ${argument.path} shares`;
      }
    }
    for (let i = 0; i < this.leaves.length; i++) {
      const leaf = this.leaves[i]!;
      if (leaf.argument >= 0) leaf.tensor = tensors[leaf.argument]!;
      const { tensor, before } = leaf;
      const { gradient } = tensor;
      if ((gradient === null) !== (before === null))
        return `whether ${tensor.name ?? "a tensor"} has a gradient`;
      if (before !== null && !isLike(gradient!.layout, before)) return "the layout of a gradient";
    }
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
    const { tensors, leaves, targets, written, results, resultForm } = this;
    if (!this.host.run()) return misfit;
    for (let i = 0; i < this.arguments.length; i++) this.arguments[i]!.place?.bind(tensors[i]!.storage);
    for (let i = 0; i < leaves.length; i++) {
      const leaf = leaves[i]!;
      leaf.given = leaf.tensor.gradient;
      leaf.place?.bind(leaf.given!.storage);
    }
    for (let i = 0; i < targets.length; i++) prepare(targets[i]!);
    const states = this.counts.size > 0 ? this.draw() : noStates;
    if (this.fallible.length > 0) this.runProtected(states);
    else this.runKernels(states);
    for (let i = 0; i < written.length; i++) {
      const { storage, argument, leaf, times } = written[i]!;
      (storage ?? (leaf?.tensor.gradient ?? tensors[argument]!).storage).version += times;
    }
    for (let i = 0; i < leaves.length; i++) this.settle(leaves[i]!);
    if (this.backward !== null) return valueOf(resultForm, this.withHistory(this.backward, states));
    if (resultForm.kind === "tensor") return this.resultOf(results[0]!);
    return valueOf(resultForm, results.map(this.resultOf));
  }

  /** The results, those that are live with a history. */
  private withHistory(backward: Backward, states: States): Tensor[] {
    const all = this.results.map(this.resultOf);
    const storageOf = (slot: Slot): Storage => {
      const made = this.targets.find((target) => target.slot === slot)?.storage;
      made?.expose();
      const index = this.arguments.findIndex(({ place }) => place?.slot === slot);
      return made ?? this.tensors[index]?.storage ?? slot.storage;
    };
    const targets = this.gradientsOf.map((of) => (typeof of === "number" ? this.tensors[of]! : of));
    const tracked = backward.track(
      this.live.map((i) => all[i]!),
      targets,
      storageOf,
      states,
    );
    this.live.forEach((i, k) => {
      all[i] = tracked[k]!;
    });
    return all;
  }

  /** The memory that is not the program's own and that it writes. */
  writtenStorages(): Storage[] {
    return this.written.map(
      ({ storage, argument, leaf }) => storage ?? (leaf?.tensor.gradient ?? this.tensors[argument]!).storage,
    );
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

  /** Gives a tensor its gradient. */
  private settle(leaf: Leaf): void {
    const { tensor, after } = leaf;
    if (after === "same") return;
    if (after === "none") tensor.keepGradient(null);
    else if ("kind" in after) tensor.keepGradient(this.lentOf(after));
    else {
      const storage = after.target.storage!;
      if (leaf.last?.storage !== storage) {
        leaf.last = new Tensor(storage, after.layout);
        storage.expire();
      }
      if (tensor.gradient !== leaf.last) tensor.keepGradient(leaf.last);
    }
  }

  private lentOf(lent: Lent): Tensor {
    switch (lent.kind) {
      case "argument":
        return this.tensors[lent.index]!;
      case "outside":
        return lent.tensor;
      case "of argument":
        return new Tensor(this.tensors[lent.index]!.storage, lent.layout);
      case "given":
        return lent.leaf.given!;
      case "of given":
        return new Tensor(lent.leaf.given!.storage, lent.layout);
    }
  }

  private readonly resultOf = (result: Result): Tensor => {
    switch (result.kind) {
      case "gradient":
        return result.leaf.tensor.grad!;
      case "made": {
        const storage = result.target.storage!;
        storage.expose();
        const tensor = new Tensor(storage, result.layout);
        if (result.node !== null && this.backward === null) tensor.track(result.node);
        return tensor;
      }
      default: {
        const tensor = this.lentOf(result);
        tensor.storage.expose();
        return tensor;
      }
    }
  };
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

/** Gives memory to what is seen after the call: that of the last call, if nobody can see it. */
function prepare(target: Target): void {
  const { slot, place, leaf } = target;
  const last = leaf?.last?.storage;
  if (last === undefined || last.isExposed || last !== target.storage) {
    target.storage?.release();
    target.storage = slot.backend.allocate(slot.dtype, slot.size);
    target.storage.retain();
  }
  place.bind(target.storage!);
}
