import { allocateInHeap } from "@thalweg/cpu/internal";
import {
  type Backend,
  copyProgram,
  type DType,
  elementTypes,
  type KernelCall,
  Layout,
  readBy,
  type Storage,
  sameLayout,
  type View,
  writtenBy,
} from "@thalweg/kernels";
import { isInline } from "./inline";
import { Order } from "./order";
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

interface Life {
  first: number;
  last: number;
  /** The calls that use it. */
  readonly uses: number[];
}

/** The first and the last call that use each slot that is made; what is visible lasts to the end. */
function lifetimes(calls: readonly RecordedCall[]): Map<Slot, Life> {
  const lives = new Map<Slot, Life>();
  for (const [i, { call }] of calls.entries()) {
    for (const view of [...writtenBy(call), ...readBy(call)]) {
      if (isFixed(view)) continue;
      const slot = slotOf(view);
      if (slot.origin !== "made") continue;
      const last = slot.isVisible ? calls.length - 1 : i;
      const life = lives.get(slot);
      if (life === undefined) lives.set(slot, { first: i, last, uses: [i] });
      else {
        life.last = last;
        life.uses.push(i);
      }
    }
  }
  return lives;
}

/** The slots that prepared calls of the CPU use. */
function preparedSlots(calls: readonly RecordedCall[]): Set<Slot> {
  const prepared = calls.filter(({ call }) => call.backend.device === "cpu" && !isInline(call));
  return new Set(prepared.flatMap(({ call }) => [...writtenBy(call), ...readBy(call)].map(slotOf)));
}

/** Bytes of memory of these types and sizes. */
export function bytesOf(parts: Iterable<Pick<Slot, "dtype" | "size">>): number {
  let total = 0;
  for (const { dtype, size } of parts) total += size * elementTypes[dtype].bytes;
  return total;
}

/**
 * The least that calls hold at once if each has memory of its own for what it makes: from the call that makes it to the last
 * one that uses it, or to the end if it is visible.
 */
export function leastPeak(calls: readonly RecordedCall[]): number {
  const changes = new Array<number>(calls.length + 1).fill(0);
  for (const [slot, { first, last }] of lifetimes(calls)) {
    const size = bytesOf([slot]);
    changes[first]! += size;
    changes[last + 1]! -= size;
  }
  let [held, peak] = [0, 0];
  for (const change of changes) {
    held += change;
    peak = Math.max(peak, held);
  }
  return peak;
}

/**
 * The slots that a map may overwrite, with those that take their place: it reads their elements where it writes, and nobody
 * needs them any more.
 */
function overwritten(
  { call }: RecordedCall,
  i: number,
  lives: ReadonlyMap<Slot, Life>,
  prepared: ReadonlySet<Slot>,
): Map<Slot, Slot> {
  const pairs = new Map<Slot, Slot>();
  if (call.kind !== "map") return pairs;
  const written = call.outputs.filter((view) => !isFixed(view));
  const read = readBy(call).filter((view) => !isFixed(view));
  const isWhole = (view: View, like: View) =>
    view.layout.size === slotOf(view).size && sameLayout(view.layout, like.layout);
  for (const out of written) {
    const slot = slotOf(out);
    if (!slot.isInner || lives.get(slot)!.first < i || !isWhole(out, out)) continue;
    const from = read.map(slotOf).find((from) => {
      const isDone = from.isInner && lives.get(from)!.last === i && !pairs.has(from);
      const isLike = from.dtype === slot.dtype && from.backend === slot.backend;
      const fits = isLike && prepared.has(from) === prepared.has(slot);
      const isOwn = written.every((view) => slotOf(view) !== from);
      return isDone && fits && isOwn && read.every((view) => slotOf(view) !== from || isWhole(view, out));
    });
    if (from !== undefined) pairs.set(from, slot);
  }
  return pairs;
}

/** Where the elements of a slot are: in a storage, from an offset on. */
export interface Room {
  readonly storage: Storage;
  readonly offset: number;
}

/** The time for which a part of an area is taken. */
interface Taken {
  readonly life: Life;
  readonly from: number;
  readonly to: number;
}

/** Elements of an area of several slots, at most: all of it is in the heap while a kernel runs. */
const maxArea = 2 ** 24;
/** Parts begin at multiples of this, which is a cache line. */
const alignment = 16;

/** Whether all uses of one memory are before those of another one anyway. */
function areInOrder(a: Life, b: Life, order: Order): boolean {
  const [first, second] = a.first <= b.first ? [a, b] : [b, a];
  return first.uses.every((use) => order.isBefore(use, second.first));
}

/** Memory that slots share which are not needed at the same time. */
class Area {
  readonly backend: Backend;
  readonly dtype: DType;
  size = 0;
  /** Whether slots are beside each other. A GPU does not let a kernel read and write one buffer. */
  private readonly hasParts: boolean;
  private readonly taken: Taken[] = [];

  constructor({ backend, dtype }: Slot, hasParts: boolean) {
    this.backend = backend;
    this.dtype = dtype;
    this.hasParts = hasParts;
  }

  /** Takes room for a slot: the smallest that fits. Returns where it begins; undefined if there is none. */
  take({ backend, dtype, size }: Slot, life: Life, isPart: boolean, order: Order | null): number | undefined {
    if (backend !== this.backend || dtype !== this.dtype || isPart !== this.hasParts) return undefined;
    const others = this.taken.filter(({ life: { first, last } }) => first <= life.last && life.first <= last);
    if (!this.hasParts && others.length > 0) return undefined;
    if (order !== null && !this.taken.every((taken) => areInOrder(taken.life, life, order))) return undefined;
    others.sort((a, b) => a.from - b.from);
    let [best, least, end] = [-1, Number.POSITIVE_INFINITY, 0];
    for (const { from, to } of others) {
      const room = from - end;
      if (room >= size && room < least) [best, least] = [end, room];
      end = Math.max(end, Math.ceil(to / alignment) * alignment);
    }
    const from = best < 0 ? end : best;
    if (from > 0 && from + size > maxArea) return undefined;
    this.taken.push({ life, from, to: from + size });
    this.size = Math.max(this.size, from + size);
    return from;
  }

  allocate(): Storage {
    const { backend, dtype, size, hasParts } = this;
    const storage = hasParts ? allocateInHeap(backend, dtype, size) : backend.allocate(dtype, size);
    storage.retain();
    return storage;
  }
}

/**
 * The slots that have memory of their own, with the time for which they or those that overwrite them need it, and for each of
 * the others the slot whose memory it has.
 */
function ownersOf(
  calls: readonly RecordedCall[],
  prepared: ReadonlySet<Slot>,
): { owners: Map<Slot, Life>; heirs: Map<Slot, Slot> } {
  const owners = lifetimes(calls);
  const heirs = new Map<Slot, Slot>();
  const lives = new Map([...owners].map(([slot, life]) => [slot, { ...life }]));
  for (const [i, recorded] of calls.entries()) {
    for (const [from, slot] of overwritten(recorded, i, lives, prepared)) {
      const owner = heirs.get(from) ?? from;
      heirs.set(slot, owner);
      const life = owners.get(owner)!;
      life.last = lives.get(slot)!.last;
      life.uses.push(...lives.get(slot)!.uses);
      owners.delete(slot);
    }
  }
  for (const slot of owners.keys()) if (slot.isVisible) owners.delete(slot);
  return { owners, heirs };
}

/**
 * Allocates the memory of a program: slots that are not needed at the same time share it. The largest are placed first.
 */
export function allocateSlots(calls: readonly RecordedCall[]): {
  rooms: Map<Slot, Room>;
  all: Storage[];
} {
  const prepared = preparedSlots(calls);
  const { owners, heirs } = ownersOf(calls, prepared);
  // A device runs calls side by side, unless they share memory.
  const order = calls.some(({ call }) => call.backend.device !== "cpu") ? new Order(calls) : null;
  const areas: Area[] = [];
  const places = new Map<Slot, { readonly area: Area; readonly offset: number }>();
  for (const [slot, life] of [...owners].sort(([a], [b]) => b.size - a.size)) {
    const isPart = prepared.has(slot);
    const take = (area: Area) => {
      const offset = area.take(slot, life, isPart, slot.backend.device === "cpu" ? null : order);
      if (offset !== undefined) places.set(slot, { area, offset });
      return offset !== undefined;
    };
    if (areas.some(take)) continue;
    const area = new Area(slot, isPart);
    areas.push(area);
    take(area);
  }
  const storages = new Map(areas.map((area) => [area, area.allocate()]));
  const rooms = new Map<Slot, Room>();
  for (const [slot, { area, offset }] of places) rooms.set(slot, { storage: storages.get(area)!, offset });
  for (const [slot, owner] of heirs) rooms.set(slot, rooms.get(owner)!);
  return { rooms, all: [...storages.values()] };
}
