import { described } from "../call";

/** Bytes that a rank offers to the others at a time. A second half of its slot is for the next time. */
export const halfBytes = 2 ** 18;

/** Bytes of the message of a rank that has failed. */
const messageBytes = 4096;

/** The numbers that all ranks see, by their positions. */
const words = {
  /** Changes with every event that a rank could wait for. */
  bell: 0,
  /** How many ranks have come to the meeting that is open. */
  come: 1,
  /** How many meetings have been. */
  meetings: 2,
  /** 1 + the rank that has failed, 0 if none has. */
  failed: 3,
  messageLength: 4,
  /** Whether the message can be read. */
  hasMessage: 5,
};

/** Numbers of each rank: whether it has joined or left, and to how many meetings it has come. */
const ofRank = { seat: 0, arrivals: 1 };
const seats = { free: 0, taken: 1, left: 2 };

const aligned = (bytes: number) => Math.ceil(bytes / 8) * 8;

/** Where the parts of the memory begin, for a number of ranks. */
function layoutOf(size: number) {
  const ranks = Object.keys(words).length * 4;
  const message = ranks + size * Object.keys(ofRank).length * 4;
  const calls = aligned(message + messageBytes);
  const slots = calls + 2 * size * described * 8;
  return { ranks, message, calls, slots, bytes: slots + size * 2 * halfBytes };
}

/** The memory that the ranks of one process share. */
export class SharedMemory {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #ranks: Int32Array<SharedArrayBuffer>;
  readonly #message: Uint8Array<SharedArrayBuffer>;
  readonly #layout: ReturnType<typeof layoutOf>;

  constructor(
    readonly buffer: SharedArrayBuffer,
    readonly size: number,
  ) {
    const layout = layoutOf(size);
    this.#layout = layout;
    this.#words = new Int32Array(buffer, 0, Object.keys(words).length);
    this.#ranks = new Int32Array(buffer, layout.ranks, size * Object.keys(ofRank).length);
    this.#message = new Uint8Array(buffer, layout.message, messageBytes);
  }

  static bytesOf(size: number): number {
    return layoutOf(size).bytes;
  }

  /** The descriptions of the calls of all ranks; there are two sets of them, in turns. */
  calls(turn: number): Float64Array<SharedArrayBuffer> {
    const length = this.size * described;
    return new Float64Array(this.buffer, this.#layout.calls + turn * length * 8, length);
  }

  /** Where the half of a rank's slot begins. */
  slotAt(rank: number, turn: number): number {
    return this.#layout.slots + (2 * rank + turn) * halfBytes;
  }

  /** Takes the seat of a rank; false if it was taken before. */
  sit(rank: number): boolean {
    return (
      Atomics.compareExchange(this.#ranks, this.#at(rank, "seat"), seats.free, seats.taken) === seats.free
    );
  }

  leave(rank: number): void {
    Atomics.store(this.#ranks, this.#at(rank, "seat"), seats.left);
    this.#ring();
  }

  /** Remembers the failure of a rank, unless another one came before. */
  fail(rank: number, text: string): void {
    if (Atomics.compareExchange(this.#words, words.failed, 0, rank + 1) !== 0) return;
    const bytes = new TextEncoder().encode(text).subarray(0, messageBytes);
    this.#message.set(bytes);
    Atomics.store(this.#words, words.messageLength, bytes.length);
    Atomics.store(this.#words, words.hasMessage, 1);
    this.#ring();
  }

  /** The rank that has failed, and its message. */
  failure(): { readonly rank: number; readonly message: string } | null {
    if (Atomics.load(this.#words, words.hasMessage) === 0) return null;
    const length = Atomics.load(this.#words, words.messageLength);
    // A decoder takes no shared memory.
    const message = new TextDecoder().decode(Uint8Array.from(this.#message.subarray(0, length)));
    return { rank: Atomics.load(this.#words, words.failed) - 1, message };
  }

  /** A rank comes to the meeting that is open; the number of meetings before it. */
  come(rank: number): number {
    const before = Atomics.load(this.#words, words.meetings);
    Atomics.add(this.#ranks, this.#at(rank, "arrivals"), 1);
    if (Atomics.add(this.#words, words.come, 1) === this.size - 1) {
      Atomics.store(this.#words, words.come, 0);
      Atomics.add(this.#words, words.meetings, 1);
      this.#ring();
    }
    return before;
  }

  /** Whether there were more meetings than `before`. */
  hasMet(before: number): boolean {
    return Atomics.load(this.#words, words.meetings) !== before;
  }

  /** The ranks that have not come to the meeting that is open, or only those of them that have left. */
  missing(hasLeft = false): number[] {
    const arrivals = Array.from({ length: this.size }, (_, rank) =>
      Atomics.load(this.#ranks, this.#at(rank, "arrivals")),
    );
    const most = Math.max(...arrivals);
    return Array.from(arrivals.keys()).filter((rank) => {
      const seat = Atomics.load(this.#ranks, this.#at(rank, "seat"));
      return arrivals[rank]! < most && (!hasLeft || seat === seats.left);
    });
  }

  /** A number to wait with: events after this call end the wait. */
  listen(): number {
    return Atomics.load(this.#words, words.bell);
  }

  /** Waits for an event, at most this many milliseconds. */
  sleep(bell: number, timeout: number): void {
    Atomics.wait(this.#words, words.bell, bell, timeout);
  }

  #at(rank: number, name: keyof typeof ofRank): number {
    return rank * Object.keys(ofRank).length + ofRank[name];
  }

  #ring(): void {
    Atomics.add(this.#words, words.bell, 1);
    Atomics.notify(this.#words, words.bell);
  }
}
