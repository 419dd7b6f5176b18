import { allocateInHeap } from "@thalweg/cpu/internal";
import {
  copyProgram,
  type KernelCall,
  Layout,
  readBy,
  type Storage,
  type View,
  writtenBy,
} from "@thalweg/kernels";
import { isInline } from "./inline";
import type { RecordedCall } from "./recording";
import { type Slot, slotOf } from "./slot";

/**
 * The calls of a program in order, with everything that its memory has to be filled with.
 *
 * @param first the number of the first call; 0 unless given
 */
export function completed(calls: readonly RecordedCall[], slots: Iterable<Slot>, first = 0): RecordedCall[] {
  const before = new Map<number, RecordedCall[]>();
  for (const slot of slots) {
    const { initial } = slot;
    if (slot.origin === "constant" && slot.isVisible) {
      slot.origin = "made";
      slot.initial = slot.storage;
    }
    if (slot.origin !== "made" || initial === undefined || slot.size === 0) continue;
    const at = Math.max(slot.madeAt - first, 0);
    const list = before.get(at) ?? [];
    list.push({ call: filling(slot) });
    slot.writes++;
    before.set(at, list);
  }
  const all: RecordedCall[] = [];
  for (let i = 0; i <= calls.length; i++) {
    all.push(...(before.get(i) ?? []));
    if (i < calls.length) all.push(calls[i]!);
  }
  return all;
}

function filling(slot: Slot): KernelCall {
  const layout = Layout.contiguous([slot.size]);
  const { backend, dtype, initial } = slot;
  const from = typeof initial === "number" ? initial : { storage: initial!, layout };
  const out: View = { storage: slot as unknown as Storage, layout };
  return { kind: "map", backend, program: copyProgram(dtype), outputs: [out], inputs: [from] };
}

const isFixed = (view: View) => !("origin" in view.storage);

/** The calls that lead to something that is seen after the program has run. */
export function needed(calls: readonly RecordedCall[]): RecordedCall[] {
  const live = new Set<Slot>();
  const kept: RecordedCall[] = [];
  for (let i = calls.length - 1; i >= 0; i--) {
    const recorded = calls[i]!;
    const { call } = recorded;
    const writes = writtenBy(call).map(slotOf);
    const isNeeded =
      call.kind === "host" ||
      writes.some((slot) => slot.origin !== "made" || slot.isVisible || live.has(slot));
    if (!isNeeded) continue;
    kept.push(recorded);
    for (const view of readBy(call)) if (!isFixed(view)) live.add(slotOf(view));
    // What is overwritten in part, or read too, was needed before.
    for (const slot of writes) live.add(slot);
  }
  return kept.reverse();
}

/** The first and the last call that use each slot of the program's own memory. */
function lifetimes(calls: readonly RecordedCall[]): Map<Slot, { first: number; last: number }> {
  const lives = new Map<Slot, { first: number; last: number }>();
  for (const [i, { call }] of calls.entries()) {
    for (const view of [...writtenBy(call), ...readBy(call)]) {
      if (isFixed(view)) continue;
      const slot = slotOf(view);
      if (slot.origin !== "made" || slot.isVisible) continue;
      const life = lives.get(slot);
      if (life === undefined) lives.set(slot, { first: i, last: i });
      else life.last = i;
    }
  }
  return lives;
}

/** The slots that prepared calls of the CPU use. */
function preparedSlots(calls: readonly RecordedCall[]): Set<Slot> {
  const prepared = calls.filter(({ call }) => call.backend.device === "cpu" && !isInline(call));
  return new Set(prepared.flatMap(({ call }) => [...writtenBy(call), ...readBy(call)].map(slotOf)));
}

/**
 * Allocates the memory of a program: slots that are not needed at the same time share a storage. A slot takes the
 * smallest free storage that is large enough.
 */
export function allocateSlots(calls: readonly RecordedCall[]): {
  places: Map<Slot, Storage>;
  all: Storage[];
} {
  const lives = lifetimes(calls);
  const begin: Slot[][] = calls.map(() => []);
  const end: Slot[][] = calls.map(() => []);
  for (const [slot, { first, last }] of lives) {
    begin[first]!.push(slot);
    end[last]!.push(slot);
  }
  const places = new Map<Slot, Storage>();
  const all: Storage[] = [];
  const free: Storage[] = [];
  const prepared = preparedSlots(calls);
  const allocate = (slot: Slot): Storage => {
    const { backend, dtype, size } = slot;
    return prepared.has(slot) ? allocateInHeap(backend, dtype, size) : backend.allocate(dtype, size);
  };
  for (let i = 0; i < calls.length; i++) {
    for (const slot of begin[i]!) {
      let best = -1;
      for (const [k, storage] of free.entries()) {
        const fits =
          storage.backend === slot.backend && storage.dtype === slot.dtype && storage.size >= slot.size;
        // Larger ones are left for larger slots.
        if (fits && storage.size <= 2 * slot.size && (best < 0 || storage.size < free[best]!.size)) best = k;
      }
      const storage = best < 0 ? allocate(slot) : free.splice(best, 1)[0]!;
      if (best < 0) {
        storage.retain();
        all.push(storage);
      }
      places.set(slot, storage);
    }
    for (const slot of end[i]!) free.push(places.get(slot)!);
  }
  return { places, all };
}
