import { noGrad } from "@thalweg/autograd";
import { joined, mode, walk } from "@thalweg/autograd/internal";
import { Layout, readBy, type Storage } from "@thalweg/kernels";
import { GradientError, type Input, type Op, Tensor } from "@thalweg/tensor";
import { apply } from "@thalweg/tensor/internal";
import { Executable, type Place, type States } from "./executable";
import { completed } from "./plan";
import type { RecordedCall, Recording } from "./recording";
import { type Slot, slotOf } from "./slot";

/** The gradients of results whose history is yet to be walked, as they were recorded after the function. */
export interface RecordedBackward {
  /** The results that have a history. */
  readonly live: readonly Tensor[];
  /** The tensors that have gradients: arguments, and those from outside. */
  readonly targets: readonly Tensor[];
  /** The gradients of the live results. */
  readonly seeds: readonly Slot[];
  /** The gradients of the targets; null where there is none. */
  readonly found: readonly ({ readonly slot: Slot; readonly layout: Layout } | null)[];
  readonly calls: readonly RecordedCall[];
  /** What the calls read of the function: memory of its own, arguments, and what is outside. */
  readonly reads: readonly Slot[];
}

/** Records the gradients of results. The function's memory that they read becomes visible. */
export function recordBackward(recording: Recording, live: readonly Tensor[]): RecordedBackward {
  const first = recording.calls.length;
  const before = new Set(recording.made);
  const targets = [...recording.tensors.keys()].filter((tensor) => tensor.requiresGrad);
  const [seeds, found] = recording.extend(() => {
    const seeds = live.map(({ shape, dtype, storage: { backend } }) => {
      const layout = Layout.contiguous(shape);
      return new Tensor(backend.filled(dtype, layout.size, 0, shape), layout);
    });
    const options = { createGraph: false, retainGraph: true, targets, stopAtTargets: true };
    return [seeds, walk(live, seeds, options)] as const;
  });
  const calls = recording.calls.splice(first);
  const made = new Set<Slot>();
  const reads = new Set<Slot>();
  const seedSlots = seeds.map(({ storage }) => {
    const slot = recording.slot(storage);
    slot.origin = "input";
    return slot;
  });
  const read = (slot: Slot) => {
    if (!made.has(slot) && !seedSlots.includes(slot) && slot.origin !== "constant") reads.add(slot);
  };
  for (const [storage, slot] of recording.slots)
    if (slot.origin === "made" && !before.has(storage)) made.add(slot);
  for (const { call } of calls)
    for (const view of readBy(call)) if ("origin" in view.storage) read(slotOf(view));
  const places = found.map((tensor) => {
    if (tensor === null) return null;
    const slot = recording.slot(tensor.storage);
    read(slot);
    return { slot, layout: tensor.layout };
  });
  for (const slot of reads) if (slot.origin === "made") slot.isVisible = true;
  for (const place of places) {
    if (place === null || (place.slot.origin !== "made" && place.slot.origin !== "constant")) continue;
    place.slot.isVisible = true;
    made.add(place.slot);
  }
  // The function has no memory for what its gradients make.
  for (const storage of recording.made) if (!before.has(storage)) recording.slots.delete(storage);
  return {
    live,
    targets,
    seeds: seedSlots,
    found: places,
    calls: completed(calls, made, first),
    reads: [...reads],
  };
}

const flat = (storage: Storage) => new Tensor(storage, Layout.contiguous([storage.size]));

/** Gives results of a program a history, whose gradients are a program as well. */
export class Backward {
  private readonly recorded: RecordedBackward;
  private readonly executable: Executable;
  private readonly seeds: readonly Place[];
  private readonly reads: readonly Place[];
  private readonly made: readonly Place[];

  constructor(recorded: RecordedBackward) {
    this.recorded = recorded;
    this.executable = new Executable(recorded.calls);
    const place = (slot: Slot) => this.executable.place(slot);
    this.seeds = recorded.seeds.map(place);
    this.reads = recorded.reads.map(place);
    const others = new Set([...recorded.seeds, ...recorded.reads]);
    const slots = recorded.found.flatMap((found) => (found === null ? [] : [found.slot]));
    this.made = [...new Set(slots)].filter((slot) => slot.isVisible && !others.has(slot)).map(place);
  }

  drop(): void {
    this.executable.drop();
  }

  /**
   * The results, with a history.
   *
   * @param targets the tensors that have gradients
   * @param storageOf the storage of a slot in this run of the function
   */
  track(
    results: readonly Tensor[],
    targets: readonly Tensor[],
    storageOf: (slot: Slot) => Storage,
    states: States,
  ): Tensor[] {
    const { whole, parts } = noGrad(() => joined(results));
    const { reads } = this.recorded;
    const inputs: Input[] = [...targets, ...reads.map((slot) => flat(storageOf(slot)))];
    const op: Op<void> = {
      name: "compiled",
      kind: "opaque",
      differentiable: true,
      shape: () => whole.shape,
      forward: () => whole,
      saves: (_, count) => (count < 31 ? ((1 << count) - 1) ^ ((1 << targets.length) - 1) : -1),
      gradient: ({ grad, inputs }) => {
        if (mode.recording) {
          throw new GradientError(
            "backward",
            "the gradient of a compiled function's result has no history of its own",
            "compute second derivatives inside of the function",
          );
        }
        const saved = inputs.slice(targets.length) as Tensor[];
        const seeds = parts(grad).map((seed) =>
          seed.isContiguous() && seed.offset === 0 ? seed : seed.clone(),
        );
        return [...this.run(seeds, saved, states), ...saved.map(() => null)];
      },
    };
    return parts(apply(op, inputs, undefined));
  }

  private run(seeds: readonly Tensor[], saved: readonly Tensor[], states: States): (Tensor | null)[] {
    const storages = new Map<Slot, Storage>();
    const bind = (place: Place, storage: Storage) => {
      storages.set(place.slot, storage);
      place.bind(storage);
    };
    this.seeds.forEach((place, i) => {
      bind(place, seeds[i]!.storage);
    });
    this.reads.forEach((place, i) => {
      bind(place, saved[i]!.storage);
    });
    for (const place of this.made) {
      const { backend, dtype, size } = place.slot;
      bind(place, backend.allocate(dtype, size));
    }
    this.executable.draw(states);
    this.executable.run();
    return this.recorded.found.map(
      (found) => found && new Tensor(storages.get(found.slot) ?? found.slot.storage, found.layout),
    );
  }
}
