import { type Call, compareCalls, describeCall, described } from "../call";
import type { Carrier } from "../carrier";
import type { Elements, ReduceOp } from "../communicator";
import { DistributedError } from "../distributed-error";
import { blocksOf, combine } from "../elements";
import { halfBytes, type SharedMemory } from "./memory";

/** Milliseconds that a rank looks for the others before it sleeps; a sleeper wakes late. */
const spin = 0.02;

/** The longest sleep at once that all platforms know, in milliseconds. */
const longest = 2 ** 31 - 1;

/**
 * Sends through memory that the ranks share: each puts a piece into its slot, and reads those of the others after all have
 * met. Its slot has two halves, so that it can put the next piece there while others still read.
 */
export class InProcessCarrier implements Carrier {
  readonly size: number;
  readonly name = "shared memory";
  readonly #memory: SharedMemory;
  readonly #timeout: number;
  #comparisons = 0;
  #pieces = 0;

  /** @param timeout in seconds */
  constructor(
    readonly rank: number,
    memory: SharedMemory,
    timeout: number,
  ) {
    this.size = memory.size;
    this.#memory = memory;
    this.#timeout = timeout;
  }

  run(op: string, call: Call): void {
    this.#compare(op, call);
    switch (call.collective) {
      case "allReduce":
        this.#allReduce(op, call.own, call.reduce);
        break;
      case "broadcast":
        this.#broadcast(op, call.own, call.root);
        break;
      case "allGather":
        this.#allGather(op, call.own, call.all);
        break;
      case "reduceScatter":
        this.#reduceScatter(op, call.all, call.own, call.reduce);
        break;
    }
  }

  start(op: string, call: Call): () => void {
    return () => this.run(op, call);
  }

  abort(message: string): never {
    this.#memory.fail(this.rank, message);
    throw new DistributedError("abort", message);
  }

  close(): void {
    this.#memory.leave(this.rank);
  }

  #compare(op: string, call: Call): void {
    const all = this.#memory.calls(this.#comparisons++ % 2);
    all.set(describeCall(call), this.rank * described);
    this.#meet(op);
    compareCalls(op, all);
  }

  #allReduce(op: string, own: Elements, reduce: ReduceOp): void {
    this.#inPieces(op, own, own.length, 1, (slots, from, to) => {
      const piece = own.subarray(from, to);
      const bounds = blocksOf(piece.length, this.size);
      const block = (rank: number) => slots[rank]!.subarray(bounds[this.rank], bounds[this.rank + 1]);
      slots[this.rank]!.set(piece);
      this.#meet(op);
      for (let rank = 1; rank < this.size; rank++) combine(block(0), block(rank), reduce);
      this.#meet(op);
      piece.set(slots[0]!.subarray(0, piece.length));
    });
  }

  #broadcast(op: string, own: Elements, root: number): void {
    this.#inPieces(op, own, own.length, 1, (slots, from, to) => {
      const piece = own.subarray(from, to);
      if (root === this.rank) slots[root]!.set(piece);
      this.#meet(op);
      if (root !== this.rank) piece.set(slots[root]!.subarray(0, piece.length));
    });
  }

  #allGather(op: string, own: Elements, all: Elements): void {
    this.#inPieces(op, own, own.length, 1, (slots, from, to) => {
      slots[this.rank]!.set(own.subarray(from, to));
      this.#meet(op);
      for (const [rank, slot] of slots.entries())
        all.set(slot.subarray(0, to - from), rank * own.length + from);
    });
  }

  #reduceScatter(op: string, all: Elements, own: Elements, reduce: ReduceOp): void {
    this.#inPieces(op, own, own.length, this.size, (slots, from, to) => {
      const count = to - from;
      for (let rank = 0; rank < this.size; rank++) {
        const start = rank * own.length;
        slots[this.rank]!.set(all.subarray(start + from, start + to), rank * count);
      }
      this.#meet(op);
      const piece = own.subarray(from, to);
      for (const [rank, slot] of slots.entries()) {
        const part = slot.subarray(this.rank * count, (this.rank + 1) * count);
        if (rank === 0) piece.set(part);
        else combine(piece, part, reduce);
      }
    });
  }

  /**
   * Calls a function for each piece of `length` elements, with the slots of all ranks. A slot has room for `parts` pieces.
   * The function has to meet the others after it has written to its slot.
   */
  #inPieces(
    op: string,
    like: Elements,
    length: number,
    parts: number,
    move: (slots: readonly Elements[], from: number, to: number) => void,
  ): void {
    const most = Math.floor(halfBytes / (like.BYTES_PER_ELEMENT * parts));
    if (most === 0) throw new DistributedError(op, `there are ${this.size} ranks`, "use fewer");
    for (let from = 0; from < length; from += most) {
      const turn = this.#pieces++ % 2;
      const slots = Array.from({ length: this.size }, (_, rank) => this.#slot(like, rank, turn));
      move(slots, from, Math.min(from + most, length));
    }
  }

  #slot(like: Elements, rank: number, turn: number): Elements {
    const { buffer } = this.#memory;
    const type = like.constructor as new (buffer: SharedArrayBuffer, at: number, length: number) => Elements;
    return new type(buffer, this.#memory.slotAt(rank, turn), halfBytes / like.BYTES_PER_ELEMENT);
  }

  /** Returns when all ranks have come here. */
  #meet(op: string): void {
    const memory = this.#memory;
    // Who has failed may have come to this meeting before, and does not take part in it.
    this.#checkFailure(op);
    const start = performance.now();
    const before = memory.come(this.rank);
    for (;;) {
      const bell = memory.listen();
      if (memory.hasMet(before)) return;
      this.#checkOthers(op);
      const waited = performance.now() - start;
      if (waited > this.#timeout * 1000) this.#giveUp(op);
      if (waited > spin) memory.sleep(bell, Math.min(this.#timeout * 1000 - waited + 1, longest));
    }
  }

  #checkFailure(op: string): void {
    const failure = this.#memory.failure();
    if (failure === null) return;
    throw new DistributedError(op, `rank ${failure.rank} has failed, ${failure.message}`);
  }

  #checkOthers(op: string): void {
    this.#checkFailure(op);
    const [left] = this.#memory.missing(true);
    if (left === undefined) return;
    throw new DistributedError(op, `rank ${left} has left the world`, "leave it when all are done");
  }

  #giveUp(op: string): never {
    const missing = this.#memory.missing();
    const ranks = `${missing.length === 1 ? "rank" : "ranks"} ${missing.join(", ")}`;
    const error = new DistributedError(
      op,
      `${ranks} did not come within ${this.#timeout} s`,
      "look for one that hangs or does something else, or give inProcess a longer timeout",
    );
    this.#memory.fail(this.rank, error.message);
    throw error;
  }
}
