import { mode } from "@thalweg/autograd/internal";
import {
  changes,
  dispatch,
  execute,
  isObserved,
  type KernelCall,
  type Layout,
  pushCallLayer,
  readBy,
  type Storage,
  sameShape,
  setRecorder,
  type View,
  withViews,
  writtenBy,
} from "@thalweg/kernels";
import { type Generator, type GeneratorState, type GraphNode, Tensor } from "@thalweg/tensor";
import { fused } from "./fuse";
import { expanded, type InlineCall, isInline } from "./inline";
import { allocateSlots, completed, needed } from "./plan";
import { copyInto, type Guard, type HostAction, type RecordedCall, type Recording } from "./recording";
import { maxNodes, nodesOf, type Segment, segmentOf } from "./segment";
import { type Slot, slotOf } from "./slot";
import { type Form, type Found, matches, valueOf } from "./values";

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type MovableView = Writable<View>;

/** What an argument must be like. */
interface Argument {
  readonly path: string;
  readonly layout: Layout;
  readonly slot: Slot | undefined;
  readonly like: Tensor;
  readonly requiresGrad: boolean;
  /** The first argument that is the same tensor, and the first with the same storage. */
  readonly same: number;
  readonly sameAs: number;
  /** Whether its storage was also used from outside. */
  readonly views: MovableView[];
}

/** A tensor whose gradient the program reads or replaces. */
interface Leaf {
  /** The tensor; the one of the call where it is an argument. */
  tensor: Tensor;
  /** The argument that it is; -1 for none. */
  readonly argument: number;
  /** The gradient before the call; null for none. */
  readonly before: { readonly layout: Layout; readonly slot: Slot | undefined; readonly views: MovableView[] } | null;
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
  readonly views: MovableView[];
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

/** A call that can be run, and how its numbers are computed. */
interface Step {
  readonly call: KernelCall;
  readonly recorded: RecordedCall;
  /** The function that runs it among others; undefined where it runs by itself. */
  segment: Segment | undefined;
}

/** A part of a program. */
interface Unit {
  readonly run: () => void;
}

/** The program no longer fits: nothing was changed. */
export const misfit: unique symbol = Symbol("misfit");

/** Why a program does not fit; null if it does. */
export type Misfit = string | null;

function isLike(a: Layout, b: Layout): boolean {
  return a === b || (a.offset === b.offset && sameShape(a.shape, b.shape) && sameShape(a.strides, b.strides));
}

/** A recorded computation that can be run again. */
export class Program {
  readonly steps: readonly Step[];
  /** What is run: calls, and small ones together. */
  private readonly units: readonly Unit[];
  /** Storages that hold what lies between the calls. */
  readonly memory: readonly Storage[];
  private readonly argumentForm: Form;
  private readonly arguments: readonly Argument[];
  private readonly resultForm: Form;
  private readonly results: readonly Result[];
  private readonly leaves: readonly Leaf[];
  private readonly targets: readonly Target[];
  private readonly guards: readonly Guard[];
  private readonly host: readonly HostAction[];
  private readonly outside: readonly Storage[];
  private readonly written: readonly (readonly [View | Storage, number])[];
  private readonly generators: readonly { readonly generator: Generator; readonly count: number }[];
  private readonly isRecording = mode.recording;
  private readonly tensors: readonly Tensor[] = [];
  private readonly stepOf = new Map<RecordedCall, Step>();
  private readonly actions: readonly (() => boolean)[];
  private seen = changes.count;
  private readonly protectedViews: readonly View[];

  constructor(
    recording: Recording,
    argumentForm: Form,
    found: readonly Found[],
    resultForm: Form,
    results: readonly Found[],
  ) {
    this.argumentForm = argumentForm;
    this.resultForm = resultForm;
    this.guards = [
      ...recording.guards,
      ...[...recording.tensors].map(([tensor, { storage, requiresGrad }]) => ({
        name: tensor.name ?? "a tensor",
        holds: () => tensor.storage === storage && tensor.requiresGrad === requiresGrad,
      })),
    ].filter(({ name: _, holds }) => holds());
    this.host = recording.host;
    this.generators = [...recording.generators].map(([generator, { position }]) => ({
      generator,
      count: generator.getState().position - position,
    }));
    const views = new Map<Slot, MovableView[]>();
    const viewsOf = (slot: Slot) => {
      const known = views.get(slot) ?? [];
      views.set(slot, known);
      return known;
    };
    const targets = new Map<Slot, Target>();
    const targetOf = (slot: Slot): Target => {
      slot.isVisible = true;
      let target = targets.get(slot);
      if (target === undefined) {
        target = { slot, views: viewsOf(slot), leaf: undefined, storage: undefined };
        targets.set(slot, target);
      }
      return target;
    };
    const storages = found.map(({ tensor }) => tensor.storage);
    this.arguments = found.map(({ tensor, path }, i) => {
      const slot = recording.slots.get(tensor.storage);
      return {
        path,
        layout: tensor.layout,
        slot,
        like: tensor,
        requiresGrad: recording.tensors.get(tensor)?.requiresGrad ?? tensor.requiresGrad,
        same: found.findIndex((other) => other.tensor === tensor),
        sameAs: storages.indexOf(tensor.storage),
        views: slot === undefined || storages.indexOf(tensor.storage) < i ? [] : viewsOf(slot),
      };
    });
    const argumentOf = (tensor: Tensor) => found.findIndex((argument) => argument.tensor === tensor);
    const leaves = [...recording.gradients].map(([tensor, before]): Leaf => {
      const slot = before === null ? undefined : recording.slots.get(before.storage);
      if (slot?.origin === "outside") slot.origin = "gradient";
      return {
        tensor,
        argument: argumentOf(tensor),
        before: before && { layout: before.layout, slot, views: slot === undefined ? [] : viewsOf(slot) },
        after: "same",
        given: before,
        last: null,
      };
    });
    const lent = (tensor: Tensor): Lent | null => {
      const { storage, layout } = tensor;
      const index = argumentOf(tensor);
      if (index >= 0) return { kind: "argument", index };
      const owner = storages.indexOf(storage);
      if (owner >= 0) return { kind: "of argument", index: owner, layout };
      const leaf = leaves.find(({ given }) => given?.storage === storage);
      if (leaf !== undefined) return leaf.given === tensor ? { kind: "given", leaf } : { kind: "of given", leaf, layout };
      return recording.made.has(storage) ? null : { kind: "outside", tensor };
    };
    for (const leaf of leaves) {
      const after = leaf.tensor.gradient;
      if (after === leaf.given) continue;
      leaf.after =
        after === null
          ? "none"
          : (lent(after) ?? { target: targetOf(recording.slot(after.storage)), layout: after.layout });
      // The gradient of an argument is seen as long as that is.
      if (leaf.argument < 0 && typeof leaf.after === "object" && "target" in leaf.after) leaf.after.target.leaf = leaf;
    }
    this.leaves = leaves;
    this.results = results.map(({ tensor }): Result => {
      const leaf = leaves.find((leaf) => leaf.after !== "same" && leaf.tensor.gradient === tensor);
      if (leaf !== undefined) return { kind: "gradient", leaf };
      const { storage, layout, node } = tensor;
      return lent(tensor) ?? { kind: "made", target: targetOf(recording.slot(storage)), layout, node };
    });
    const recorded = completed(recording.calls, recording.slots.values());
    const calls = fused(needed(recorded).flatMap(expanded));
    const { places, all } = allocateSlots(calls);
    this.memory = all;
    this.targets = [...targets.values()];
    this.steps = calls.map((recorded) => {
      const call = withViews(recorded.call, (view) => {
        if (!("origin" in view.storage)) return view;
        const slot = slotOf(view);
        const own: MovableView = { storage: places.get(slot) ?? slot.storage, layout: view.layout };
        if (slot.origin === "input" || slot.origin === "gradient" || slot.isVisible) viewsOf(slot).push(own);
        return own;
      });
      const step: Step = { call, recorded, segment: undefined };
      this.stepOf.set(recorded, step);
      return step;
    });
    this.units = joined(this.steps);
    this.actions = this.host.map((action) => this.actionOf(action));
    const slots = [...recording.slots.values()];
    this.outside = slots.filter(({ origin }) => origin === "outside").map(({ storage }) => storage);
    this.written = slots
      .filter(({ origin, writes }) => writes > 0 && origin !== "made" && origin !== "constant")
      .map((slot) => [views.get(slot)?.[0] ?? slot.storage, slot.writes]);
    this.protectedViews = this.writtenBeforeFailures();
  }

  /** Releases the memory. */
  drop(): void {
    for (const storage of this.memory) storage.release();
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
      if (sameAs !== argument.sameAs || same !== argument.same) return `memory that ${argument.path} shares`;
      if (this.outside.includes(storage)) return `memory that ${argument.path} shares`;
    }
    for (let i = 0; i < this.leaves.length; i++) {
      const leaf = this.leaves[i]!;
      const { before } = leaf;
      if (leaf.argument >= 0) leaf.tensor = tensors[leaf.argument]!;
      const { tensor } = leaf;
      const { gradient } = tensor;
      if ((gradient === null) !== (before === null)) return `whether ${tensor.name ?? "a tensor"} has a gradient`;
      if (before !== null && !isLike(gradient!.layout, before.layout)) return "the layout of a gradient";
    }
    for (let i = 0; i < this.outside.length; i++) if (this.outside[i]!.isDisposed) return "a tensor that was disposed of";
    if (this.seen !== changes.count) {
      for (const { name, holds } of this.guards) if (!holds()) return name;
      this.seen = changes.count;
    }
    return null;
  }

  /** Runs the program with the arguments that {@link misfit} found to fit. */
  run(): unknown {
    const { tensors } = this;
    if (!this.start()) return misfit;
    for (let i = 0; i < this.arguments.length; i++) bind(this.arguments[i]!.views, tensors[i]!.storage);
    for (let i = 0; i < this.leaves.length; i++) {
      const leaf = this.leaves[i]!;
      leaf.given = leaf.tensor.gradient;
      if (leaf.before !== null) bind(leaf.before.views, leaf.given!.storage);
    }
    for (let i = 0; i < this.targets.length; i++) prepare(this.targets[i]!);
    if (this.generators.length > 0) this.draw();
    if (this.protectedViews.length > 0) this.runProtected();
    else this.runKernels();
    for (let i = 0; i < this.written.length; i++) {
      const [place, count] = this.written[i]!;
      ("layout" in place ? place.storage : place).version += count;
    }
    for (let i = 0; i < this.leaves.length; i++) this.settle(this.leaves[i]!);
    const { results, resultForm } = this;
    if (resultForm.kind === "tensor") return this.resultOf(results[0]!);
    return valueOf(resultForm, results.map(this.resultOf));
  }

  private runKernels(): void {
    const { units, steps } = this;
    try {
      if (isObserved()) for (let i = 0; i < steps.length; i++) dispatch(steps[i]!.call);
      else for (let i = 0; i < units.length; i++) units[i]!.run();
    } catch (error) {
      this.takeBack(this.actions.length);
      this.generators.forEach(({ generator }, i) => {
        generator.setState(this.states[i]!);
      });
      throw error;
    }
  }

  /** Restores what was written if a kernel fails. */
  private runProtected(): void {
    const backups = this.protectedViews.map(({ storage }) => copied(storage));
    try {
      this.runKernels();
    } catch (error) {
      this.protectedViews.forEach(({ storage }, i) => {
        copyInto(storage, backups[i]!);
      });
      throw error;
    } finally {
      for (const copy of backups) copy.release();
    }
  }

  /** A view of each storage from outside that a call writes before another one can fail. */
  private writtenBeforeFailures(): View[] {
    const canFail = ({ call: { kind } }: Step) => kind === "host" || kind === "gather" || kind === "scatterAdd";
    const last = this.steps.findLastIndex(canFail);
    const views = new Map<Slot, View>();
    for (const { call, recorded } of this.steps.slice(0, Math.max(last, 0))) {
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
    if (action.kind === "step") return action.step.run;
    if (action.kind === "rerun") return () => (action.isStale() ? this.rerun(action) : true);
    const step = this.stepOf.get(action.call);
    const compute = action.call.numbers!;
    return () => {
      const numbers = compute();
      if (numbers === null) return false;
      if (step !== undefined && numbers !== undefined) setNumbers(step, numbers);
      return true;
    };
  }

  /** Runs JavaScript again for the numbers of its kernel calls. */
  private rerun({ body, calls }: Extract<HostAction, { kind: "rerun" }>): boolean {
    let count = 0;
    let fits = true;
    const remove = pushCallLayer((call) => {
      const recorded = calls[count++];
      const step = recorded && this.stepOf.get(recorded);
      if (recorded === undefined || !isSameCall(recorded.call, call)) fits = false;
      else if (step !== undefined) setNumbers(step, numbersOf(call));
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

  private readonly states: GeneratorState[] = [];

  private draw(): void {
    const { generators } = this;
    for (let i = 0; i < generators.length; i++) {
      const { generator, count } = generators[i]!;
      this.states[i] = generator.take(2 * count);
    }
    if (generators.length === 0) return;
    for (const { call, recorded } of this.steps) {
      if (recorded.drawn === undefined) continue;
      const { generator, offset } = recorded.drawn;
      const { seed, position } = this.states[generators.findIndex((each) => each.generator === generator)]!;
      const args = (call as Extract<KernelCall, { kind: "random" }>).args as Writable<unknown[]>;
      args[2] = seed;
      args[3] = position + offset;
    }
  }

  /** Takes back the first actions of JavaScript. */
  private takeBack(count: number): void {
    for (let i = count - 1; i >= 0; i--) {
      const action = this.host[i]!;
      if (action.kind === "step") action.step.undo();
    }
  }

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
        const { storage } = result.target;
        storage!.expose();
        const tensor = new Tensor(storage!, result.layout);
        if (result.node !== null) tensor.track(result.node);
        return tensor;
      }
    }
  };
}

function bind(views: MovableView[], storage: Storage): void {
  for (let i = 0; i < views.length; i++) views[i]!.storage = storage;
}

/** Gives memory to what is seen after the call: that of the last call, if nobody can see it. */
function prepare(target: Target): void {
  const { slot, views, leaf } = target;
  const last = leaf?.last?.storage;
  if (last === undefined || last.isExposed || last !== target.storage) {
    target.storage?.release();
    target.storage = slot.backend.allocate(slot.dtype, slot.size);
    target.storage.retain();
  }
  bind(views, target.storage!);
}

function copied(storage: Storage): Storage {
  const copy = storage.backend.allocate(storage.dtype, storage.size);
  copy.retain();
  copyInto(copy, storage);
  return copy;
}

/** The numbers among the operands of a call. */
function numbersOf(call: KernelCall): number[] {
  const values: unknown[] =
    call.kind === "matmul" ? [...(call.epilogue?.operands ?? [])] : "inputs" in call ? [...call.inputs] : [];
  return values.filter((value) => typeof value === "number");
}

function setNumbers(step: Step, numbers: ArrayLike<number>): void {
  const { call, segment } = step;
  segment?.setNumbers(step.recorded, numbers);
  const operands = (
    call.kind === "matmul" ? call.epilogue?.operands : "inputs" in call ? call.inputs : undefined
  ) as (View | number)[] | undefined;
  if (operands === undefined) return;
  let next = 0;
  for (let i = 0; i < operands.length; i++) if (typeof operands[i] === "number") operands[i] = numbers[next++]!;
}

/** Small calls that follow one another as one function. */
function joined(steps: readonly Step[]): Unit[] {
  const units: Unit[] = [];
  const home = new Map<Slot, unknown>();
  const groups: Step[][] = [];
  let nodes = 0;
  for (const [i, step] of steps.entries()) {
    const { call } = step.recorded;
    const cost = isInline(call) ? nodesOf(call) : Number.POSITIVE_INFINITY;
    nodes += cost;
    if (i > 0 && nodes <= maxNodes) groups.at(-1)!.push(step);
    else {
      groups.push([step]);
      nodes = cost;
    }
    const group = groups.at(-1)!;
    for (const view of [...writtenBy(step.recorded.call), ...readBy(step.recorded.call)]) {
      const slot = slotOf(view);
      home.set(slot, home.get(slot) === undefined || home.get(slot) === group ? group : null);
    }
  }
  for (const group of groups) {
    if (!isInline(group[0]!.recorded.call)) {
      for (const { call } of group) units.push({ run: () => execute(call) });
      continue;
    }
    const inline = group.map(({ call, recorded }) => ({
      key: recorded,
      symbolic: recorded.call as InlineCall,
      call: call as InlineCall,
      hasNumbers: recorded.numbers !== undefined || recorded.isAgain === true,
    }));
    const isLocal = (slot: Slot) => slot.origin === "made" && !slot.isVisible && home.get(slot) === group;
    const segment = segmentOf(inline, isLocal);
    for (const step of group) step.segment = segment;
    units.push(segment);
  }
  return units;
}

function isSameCall(a: KernelCall, b: KernelCall): boolean {
  if (a.kind !== b.kind) return false;
  if ("program" in a && a.program !== (b as typeof a).program) return false;
  return numbersOf(a).length === numbersOf(b).length;
}
