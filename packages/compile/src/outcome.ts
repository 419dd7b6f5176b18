import type { Layout, Storage } from "@thalweg/kernels";
import { type GraphNode, Tensor } from "@thalweg/tensor";
import type { Executable, Place } from "./executable";
import type { Recording } from "./recording";
import type { Slot } from "./slot";
import type { Found } from "./values";

/** A tensor whose gradient the program reads or replaces. */
export interface Leaf {
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
export interface Target {
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

/** Whether a tensor has memory that a recording made, and that goes with it. */
function isMade(recording: Recording, tensor: Tensor | null): tensor is Tensor {
  if (tensor === null || !recording.made.has(tensor.storage)) return false;
  return recording.slot(tensor.storage).origin !== "outside";
}

/**
 * Marks the memory that is seen after a recording, and that of gradients before it.
 *
 * @param keepsGradients whether tensors have their gradients after a run
 */
export function markVisible(recording: Recording, results: readonly Found[], keepsGradients: boolean): void {
  const seen = results.map(({ tensor }) => tensor);
  for (const [{ gradient }, before] of recording.gradients) {
    const slot = before === null ? undefined : recording.slots.get(before.storage);
    if (slot?.origin === "outside") slot.origin = "gradient";
    if (keepsGradients && gradient !== null) seen.push(gradient);
  }
  for (const tensor of seen) if (isMade(recording, tensor)) recording.slot(tensor.storage).isVisible = true;
}

/** What is seen after a run: results and gradients. */
export class Outcome {
  readonly leaves: readonly Leaf[];
  readonly targets: readonly Target[];
  private readonly results: readonly Result[];
  private readonly recording: Recording;
  private readonly given: readonly Tensor[];

  /** @param given the tensors among the arguments */
  constructor(
    recording: Recording,
    given: readonly Tensor[],
    results: readonly Found[],
    executable: Executable,
    keepsGradients: boolean,
  ) {
    this.recording = recording;
    this.given = given;
    const { slots } = recording;
    this.targets = [...slots.values()]
      .filter((slot) => slot.origin === "made" && slot.isVisible)
      .map((slot) => ({ slot, place: executable.place(slot), leaf: undefined, storage: undefined }));
    this.leaves = [...recording.gradients].map(([tensor, before]): Leaf => {
      const slot = before === null ? undefined : slots.get(before.storage);
      return {
        tensor,
        argument: given.indexOf(tensor),
        before: before?.layout ?? null,
        place: slot?.isBound ? executable.place(slot) : undefined,
        after: "same",
        given: before,
        last: null,
      };
    });
    for (const leaf of this.leaves) this.setAfter(leaf, keepsGradients);
    this.results = results.map(({ tensor }): Result => {
      const leaf = this.leaves.find((leaf) => leaf.after !== "same" && leaf.tensor.gradient === tensor);
      if (leaf !== undefined && leaf.after !== "none") return { kind: "gradient", leaf };
      const { layout, node } = tensor;
      return this.lent(tensor) ?? { kind: "made", target: this.targetOf(tensor), layout, node };
    });
  }

  private targetOf({ storage }: Tensor): Target {
    return this.targets.find(({ slot }) => slot === this.recording.slot(storage))!;
  }

  /** How a tensor is had that was there before; null for one that was made. */
  private lent(tensor: Tensor): Lent | null {
    const { storage, layout } = tensor;
    const index = this.given.indexOf(tensor);
    if (index >= 0) return { kind: "argument", index };
    const owner = this.given.findIndex((argument) => argument.storage === storage);
    if (owner >= 0) return { kind: "of argument", index: owner, layout };
    const leaf = this.leaves.find(({ given }) => given?.storage === storage);
    if (leaf === undefined) return isMade(this.recording, tensor) ? null : { kind: "outside", tensor };
    return leaf.given === tensor ? { kind: "given", leaf } : { kind: "of given", leaf, layout };
  }

  private setAfter(leaf: Leaf, keepsGradients: boolean): void {
    const { gradient } = leaf.tensor;
    if (gradient === leaf.given) return;
    if (gradient === null || !keepsGradients) {
      leaf.after = "none";
      return;
    }
    const lent = this.lent(gradient);
    if (lent !== null) {
      leaf.after = lent;
      return;
    }
    const target = this.targetOf(gradient);
    leaf.after = { target, layout: gradient.layout };
    // The gradient of an argument is seen as long as that is.
    if (leaf.argument < 0) target.leaf = leaf;
  }

  /** Gives memory to what will be seen. */
  prepare(): void {
    const { leaves, targets } = this;
    for (let i = 0; i < leaves.length; i++) {
      const leaf = leaves[i]!;
      leaf.given = leaf.tensor.gradient;
      leaf.place?.bind(leaf.given!.storage);
    }
    for (let i = 0; i < targets.length; i++) prepare(targets[i]!);
  }

  /** Gives tensors their gradients. */
  settle(tensors: readonly Tensor[]): void {
    const { leaves } = this;
    for (let i = 0; i < leaves.length; i++) this.settleLeaf(leaves[i]!, tensors);
  }

  /** The results of a run with these arguments. `hasNodes` says whether they get the spent histories of the recording. */
  resultsOf(tensors: readonly Tensor[], hasNodes: boolean): Tensor[] {
    const { results } = this;
    const all = new Array<Tensor>(results.length);
    for (let i = 0; i < all.length; i++) all[i] = this.resultOf(results[i]!, tensors, hasNodes);
    return all;
  }

  drop(): void {
    for (const { storage } of this.targets) storage?.release();
  }

  /** Gives a tensor its gradient. */
  private settleLeaf(leaf: Leaf, tensors: readonly Tensor[]): void {
    const { tensor, after } = leaf;
    if (after === "same") return;
    if (after === "none") tensor.keepGradient(null);
    else if ("kind" in after) {
      const lent = this.lentOf(after, tensors);
      // Two tensors have it from now on, so that no later run may write it.
      lent.storage.expose();
      tensor.keepGradient(lent);
    } else {
      const storage = after.target.storage!;
      if (leaf.last?.storage !== storage) {
        leaf.last = new Tensor(storage, after.layout);
        storage.expire();
      }
      if (tensor.gradient !== leaf.last) tensor.keepGradient(leaf.last);
    }
  }

  private lentOf(lent: Lent, tensors: readonly Tensor[]): Tensor {
    switch (lent.kind) {
      case "argument":
        return tensors[lent.index]!;
      case "outside":
        return lent.tensor;
      case "of argument":
        return new Tensor(tensors[lent.index]!.storage, lent.layout);
      case "given":
        return lent.leaf.given!;
      case "of given":
        return new Tensor(lent.leaf.given!.storage, lent.layout);
    }
  }

  private resultOf(result: Result, tensors: readonly Tensor[], hasNodes: boolean): Tensor {
    switch (result.kind) {
      case "gradient":
        return result.leaf.tensor.grad!;
      case "made": {
        const storage = result.target.storage!;
        storage.expose();
        const tensor = new Tensor(storage, result.layout);
        if (result.node !== null && hasNodes) tensor.track(result.node);
        return tensor;
      }
      default: {
        const tensor = this.lentOf(result, tensors);
        tensor.storage.expose();
        return tensor;
      }
    }
  }
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
