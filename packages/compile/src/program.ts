import { mode } from "@thalweg/autograd/internal";
import {
  changes,
  formatShape,
  type KernelCall,
  Layout,
  pushCallLayer,
  type Storage,
  sameShape,
  setRecorder,
  type View,
  writtenBy,
} from "@thalweg/kernels";
import { type Generator, type GeneratorState, type GraphNode, Tensor, ThalwegError } from "@thalweg/tensor";
import { Backward, type RecordedBackward } from "./backward";
import { Executable, numbersOf, type Place, type States, type Step } from "./executable";
import { operationsOf } from "./explain";
import { completed } from "./plan";
import { copyInto, type Guard, type HostAction, type Recording } from "./recording";
import { type Slot, slotOf } from "./slot";
import { type Form, type Found, formOf, matches, valueOf } from "./values";

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
  private readonly leaves: readonly Leaf[];
  private readonly targets: readonly Target[];
  private readonly gradientsOf: readonly (Tensor | number)[];
  private readonly guards: readonly Guard[];
  private readonly host: readonly HostAction[];
  private readonly actions: readonly (() => boolean)[];
  private readonly outside: readonly Storage[];
  private readonly written: readonly Written[];
  private readonly counts: ReadonlyMap<Generator, number>;
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
    this.host = recording.host;
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
        before: before && before.layout,
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
    this.actions = this.host.map((action) => this.actionOf(action));
    this.outside = [...slots.values()]
      .filter(({ origin }) => origin === "outside")
      .map(({ storage }) => storage);
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
    if (!this.start()) return misfit;
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

  private runKernels(states: States): void {
    try {
      this.executable.run();
    } catch (error) {
      for (const [generator, state] of states) generator.setState(state);
      this.takeBack(this.actions.length);
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

  /**
   * Runs the program and then a body, both from the same state, and compares what can be seen after them. The state after
   * it is that of the body.
   *
   * @throws ThalwegError that names what differs.
   */
  compare(op: string, body: () => unknown): unknown {
    const restore = this.snapshot();
    const result = this.run();
    if (result === misfit) return misfit;
    const ours = this.observe(result);
    for (const action of this.host.toReversed()) if (action.kind === "step") action.step.undo();
    restore();
    const expected = body();
    const theirs = this.observe(expected);
    for (const [i, { name, data, storage }] of ours.entries()) {
      const other = theirs[i]!.data;
      const at = data.findIndex((value, k) => !Object.is(value, other[k]));
      if (at < 0 && data.length === other.length) continue;
      throw new ThalwegError(
        op,
        `${name} differs from eager at element ${at}, ${data[at]} and ${other[at]}; ${this.madeBy(storage)}`,
        "please report this with the function",
      );
    }
    return expected;
  }

  /** Copies what the program may change; the function that it returns restores it. */
  private snapshot(): () => void {
    const written = this.written.map(({ storage, argument, leaf }) => {
      const of = storage ?? (leaf?.tensor.gradient ?? this.tensors[argument]!).storage;
      return { of, copy: copied(of), version: of.version };
    });
    const gradients = this.leaves.map(({ tensor }) => tensor.gradient);
    for (const gradient of gradients) gradient?.storage.retain();
    const states = [...this.counts.keys()].map((generator) => [generator, generator.getState()] as const);
    return () => {
      for (const { of, copy, version } of written) {
        copyInto(of, copy);
        copy.release();
        of.version = version;
      }
      this.leaves.forEach(({ tensor }, i) => {
        tensor.keepGradient(gradients[i]!);
        gradients[i]?.storage.release();
      });
      for (const [generator, state] of states) generator.setState(state);
    };
  }

  /** What can be seen after a run: results, gradients, and memory from outside. */
  private observe(result: unknown): { name: string; data: number[]; storage: Storage }[] {
    const seen: Found[] = [];
    formOf("check", result, "the result", seen);
    for (const { tensor } of this.leaves) {
      const name = `the gradient of ${tensor.name ?? "a tensor"}`;
      if (tensor.gradient !== null) seen.push({ tensor: tensor.gradient, path: name });
    }
    for (const { storage } of this.written) {
      if (storage === undefined) continue;
      seen.push({
        tensor: new Tensor(storage, Layout.contiguous([storage.size])),
        path: "a tensor from outside",
      });
    }
    return seen.map(({ tensor, path }) => ({
      name: path,
      data: Array.from(tensor.dataSync()),
      storage: tensor.storage,
    }));
  }

  /** The operations that wrote a storage last, for errors. */
  private madeBy(storage: Storage): string {
    const target = this.targets.find((each) => each.storage === storage);
    const isOf = (view: View) => (target?.slot ?? storage) === (target ? slotOf(view) : slotOf(view).storage);
    const step = this.executable.steps.findLast(({ recorded: { call } }) => writtenBy(call).some(isOf));
    return step === undefined
      ? "no kernel wrote it"
      : `written by ${operationsOf(step.recorded.call).join(" + ")}`;
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

  /** Does what JavaScript does before the kernels run. Returns false, with nothing changed, where that does not fit. */
  private start(): boolean {
    const { actions } = this;
    let done = 0;
    try {
      while (done < actions.length && actions[done]!()) done++;
    } catch (error) {
      this.takeBack(done);
      throw error;
    }
    if (done === actions.length) return true;
    this.takeBack(done);
    return false;
  }

  private actionOf(action: HostAction): () => boolean {
    const { executable } = this;
    if (action.kind === "step") return action.step.run;
    if (action.kind === "rerun") return () => (action.isStale() ? this.rerun(action) : true);
    const compute = action.call.numbers!;
    const isThere = executable.has(action.call);
    return () => {
      const numbers = compute();
      if (numbers === null) return false;
      if (isThere && numbers !== undefined) executable.setNumbers(action.call, numbers);
      return true;
    };
  }

  /** Runs JavaScript again for the numbers of its kernel calls. */
  private rerun({ body, calls }: Extract<HostAction, { kind: "rerun" }>): boolean {
    let count = 0;
    let fits = true;
    const remove = pushCallLayer((call) => {
      const recorded = calls[count++];
      if (recorded === undefined || !isSameCall(recorded.call, call)) fits = false;
      else this.executable.setNumbers(recorded, numbersOf(call));
    });
    const outer = setRecorder(null);
    try {
      body(true);
    } finally {
      setRecorder(outer);
      remove();
    }
    return fits && count === calls.length;
  }

  /** Takes the random numbers of a run; returns the states of the generators before. */
  private draw(): States {
    const states = new Map<Generator, GeneratorState>();
    for (const [generator, count] of this.counts) states.set(generator, generator.take(2 * count));
    this.executable.draw(states);
    return states;
  }

  /** Takes back the first actions of JavaScript. */
  private takeBack(count: number): void {
    for (let i = count - 1; i >= 0; i--) {
      const action = this.host[i]!;
      if (action.kind === "step") action.step.undo();
    }
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
      default: {
        const tensor = this.lentOf(result);
        tensor.storage.expose();
        return tensor;
      }
      case "gradient":
        return result.leaf.tensor.grad!;
      case "made": {
        const storage = result.target.storage!;
        storage.expose();
        const tensor = new Tensor(storage, result.layout);
        if (result.node !== null && this.backward === null) tensor.track(result.node);
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

function copied(storage: Storage): Storage {
  const copy = storage.backend.allocate(storage.dtype, storage.size);
  copy.retain();
  copyInto(copy, storage);
  return copy;
}

function isSameCall(a: KernelCall, b: KernelCall): boolean {
  if (a.kind !== b.kind) return false;
  if ("program" in a && a.program !== (b as typeof a).program) return false;
  return numbersOf(a).length === numbersOf(b).length;
}
