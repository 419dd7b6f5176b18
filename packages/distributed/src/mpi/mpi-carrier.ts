import { type Call, compareCalls, describeCall } from "../call";
import type { Carrier } from "../carrier";
import type { Elements, ReduceOp } from "../communicator";
import { blocksOf, combine, elementsLike, isFloat, piecesOf, typeOf } from "../elements";
import { say } from "../say";
import type { Handle } from "./abi";
import type { Binding, Request } from "./binding";

/** Settings of a {@link MPICarrier}. */
export interface MPISettings {
  /** In seconds. */
  readonly timeout: number;
  /** Whether sums are made by MPI, or in the order of ranks. */
  readonly reduction: "mpi" | "ordered";
  /** The most elements of one call of MPI. */
  readonly mostElements: number;
}

/** How many pieces of memory are kept. */
const mostSpare = 16;

type CallOf<Collective extends Call["collective"]> = Extract<Call, { collective: Collective }>;

/**
 * Sends by MPI. The ranks' calls have three communicators, in each of which their order is the same on all ranks:
 * comparisons are made in the order of the calls, so are the beginnings of collectives, and the rest of those that have
 * several steps follows in the order in which they end.
 */
export class MPICarrier implements Carrier {
  readonly rank: number;
  readonly size: number;
  readonly name: string;
  readonly #mpi: Binding;
  readonly #settings: MPISettings;
  readonly #comparing: Handle;
  readonly #beginning: Handle;
  readonly #following: Handle;
  /** Memory of collectives that have ended, for the next. */
  readonly #spare: Elements[] = [];
  #isOpen = true;

  constructor(mpi: Binding, settings: MPISettings) {
    this.#mpi = mpi;
    this.#settings = settings;
    this.name = mpi.version;
    this.rank = mpi.number("MPI_Comm_rank");
    this.size = mpi.number("MPI_Comm_size");
    this.#comparing = mpi.duplicate();
    this.#beginning = mpi.duplicate();
    this.#following = mpi.duplicate();
  }

  run(op: string, call: Call): void {
    compareCalls(op, this.exchange(op, describeCall(call)));
    this.start(op, call)();
  }

  start(op: string, call: Call): () => void {
    switch (call.collective) {
      case "allReduce":
        return this.#isOrdered(call) ? this.#orderedAllReduce(op, call) : this.#allReduce(op, call);
      case "broadcast":
        return this.#broadcast(op, call.own, call.root);
      case "allGather":
        return this.#allGather(op, call);
      case "reduceScatter":
        return this.#reduceScatter(op, call);
      default:
        // That all ranks have compared it is all that there is to do.
        return () => {};
    }
  }

  /** The numbers of all ranks, in their order. */
  exchange(op: string, own: Float64Array): Float64Array {
    const all = new Float64Array(own.length * this.size);
    const { float64 } = this.#mpi.abi.types;
    const args = [own, own.length, float64, all, own.length, float64, this.#comparing];
    this.#wait(op, [this.#mpi.start(op, "MPI_Iallgather", ...args)]);
    return all;
  }

  abort(message: string): never {
    say(this.rank, message);
    return this.exit(1);
  }

  /** Ends all ranks with this code. */
  exit(code: number): never {
    // What was printed is lost unless the launcher reads it before it hears of the end.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    this.#mpi.call("abort", "MPI_Abort", this.#mpi.abi.world, code);
    throw process.kill(process.pid, "SIGKILL");
  }

  /** Whether MPI waits for this rank. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  close(failed: boolean): void {
    if (failed) return;
    compareCalls("close", this.exchange("close", describeCall({ collective: "close" })));
    this.#isOpen = false;
    this.#mpi.call("close", "MPI_Finalize");
  }

  #wait(op: string, requests: readonly Request[]): void {
    this.#mpi.wait(op, requests, this.#settings.timeout);
  }

  #type(elements: Elements): Handle {
    return this.#mpi.abi.types[typeOf(elements)];
  }

  /** MPI's own maximum and minimum depend on the order of the ranks where there are NaNs and zeros of both signs. */
  #isOrdered({ own, reduce }: { own: Elements; reduce: ReduceOp }): boolean {
    return isFloat(own) && (reduce !== "sum" || this.#settings.reduction === "ordered");
  }

  #allReduce(op: string, { own, reduce }: CallOf<"allReduce">): () => void {
    const { abi } = this.#mpi;
    const requests = piecesOf(own, this.#settings.mostElements).map((piece) =>
      this.#mpi.start(
        op,
        "MPI_Iallreduce",
        ...[abi.inPlace, piece, piece.length, this.#type(own), abi.ops[reduce], this.#beginning],
      ),
    );
    return () => this.#wait(op, requests);
  }

  #broadcast(op: string, own: Elements, root: number): () => void {
    const requests = piecesOf(own, this.#settings.mostElements).map((piece) =>
      this.#mpi.start(op, "MPI_Ibcast", piece, piece.length, this.#type(own), root, this.#beginning),
    );
    return () => this.#wait(op, requests);
  }

  #allGather(op: string, { own, all }: CallOf<"allGather">): () => void {
    if (own.length === 0) return () => {};
    const part = this.#partOf(all, this.rank);
    const isInPlace = own.buffer === all.buffer && own.byteOffset === part.byteOffset;
    if (all.length <= this.#settings.mostElements) {
      const [type, count] = [this.#type(own), own.length];
      const from = isInPlace ? this.#mpi.abi.inPlace : own;
      const request = this.#mpi.start(
        op,
        "MPI_Iallgather",
        ...[from, count, type, all, count, type, this.#beginning],
      );
      return () => this.#wait(op, [request]);
    }
    if (!isInPlace) part.set(own);
    const rests = Array.from({ length: this.size }, (_, rank) =>
      this.#broadcast(op, this.#partOf(all, rank), rank),
    );
    return () => {
      for (const rest of rests) rest();
    };
  }

  #partOf(all: Elements, rank: number): Elements {
    const length = all.length / this.size;
    return all.subarray(rank * length, (rank + 1) * length);
  }

  #reduceScatter(op: string, call: CallOf<"reduceScatter">): () => void {
    const { own, all } = call;
    if (own.length === 0) return () => {};
    if (this.#isOrdered(call)) return this.#orderedReduceScatter(op, call);
    if (own.buffer !== all.buffer) return this.#reduceInto(op, call, own);
    // MPI must not write where it reads.
    const result = this.#take(own, own.length);
    const rest = this.#reduceInto(op, call, result);
    return () => {
      rest();
      own.set(result);
      this.#giveBack(result);
    };
  }

  #reduceInto(op: string, { all, reduce }: CallOf<"reduceScatter">, result: Elements): () => void {
    const { abi } = this.#mpi;
    const most = this.#settings.mostElements;
    const how = [this.#type(all), abi.ops[reduce]];
    if (all.length <= most) {
      const args = [all, result, result.length, ...how, this.#beginning];
      const request = this.#mpi.start(op, "MPI_Ireduce_scatter_block", ...args);
      return () => this.#wait(op, [request]);
    }
    const into = piecesOf(result, most);
    const requests = Array.from({ length: this.size }, (_, root) =>
      piecesOf(this.#partOf(all, root), most).map((piece, i) => {
        const args = [piece, root === this.rank ? into[i]! : 0n, piece.length, ...how, root];
        return this.#mpi.start(op, "MPI_Ireduce", ...args, this.#beginning);
      }),
    ).flat();
    return () => this.#wait(op, requests);
  }

  /** Each rank gets its block of all ranks, combines them in their order, and gives the result to all. */
  #orderedAllReduce(op: string, { own, reduce }: CallOf<"allReduce">): () => void {
    // The blocks of all ranks may be longer than the whole by one element each.
    const most = Math.max(1, this.#settings.mostElements - this.size);
    const pieces = piecesOf(own, most).map((piece) => {
      const bounds = blocksOf(piece.length, this.size);
      const block = piece.subarray(bounds[this.rank], bounds[this.rank + 1]);
      return { piece, bounds, block, ...this.#startExchange(op, piece, bounds) };
    });
    return () => {
      const gathering = pieces.map(({ piece, bounds, block, blocks, request }) => {
        this.#wait(op, [request]);
        this.#combineBlocks(blocks, block, reduce);
        const [sizes, starts] = sizesAndStarts(bounds);
        const { inPlace } = this.#mpi.abi;
        const type = this.#type(own);
        const args = [inPlace, 0, type, piece, sizes, starts, type, this.#following];
        return this.#mpi.start(op, "MPI_Iallgatherv", ...args);
      });
      this.#wait(op, gathering);
    };
  }

  #orderedReduceScatter(op: string, { own, all, reduce }: CallOf<"reduceScatter">): () => void {
    const { size } = this;
    const most = Math.max(1, Math.floor(this.#settings.mostElements / size));
    if (own.length <= most) {
      const bounds = Array.from({ length: size + 1 }, (_, rank) => rank * own.length);
      const { blocks, request } = this.#startExchange(op, all, bounds);
      return () => {
        this.#wait(op, [request]);
        this.#combineBlocks(blocks, own, reduce);
      };
    }
    const rests = piecesOf(own, most).map((piece, i) => {
      const part = elementsLike(all, size * piece.length);
      for (let rank = 0; rank < size; rank++) {
        const from = this.#partOf(all, rank).subarray(i * most, i * most + piece.length);
        part.set(from, rank * piece.length);
      }
      return this.#orderedReduceScatter(op, { collective: "reduceScatter", own: piece, all: part, reduce });
    });
    return () => {
      for (const rest of rests) rest();
    };
  }

  /** Starts to send each rank its block, and to collect this rank's block of each. */
  #startExchange(
    op: string,
    elements: Elements,
    bounds: readonly number[],
  ): { readonly blocks: Elements; readonly request: Request } {
    const [sizes, starts] = sizesAndStarts(bounds);
    const size = sizes[this.rank]!;
    const blocks = this.#take(elements, size * this.size);
    const type = this.#type(elements);
    const [to, from] = [sizes.map(() => size), starts.map((_, rank) => rank * size)];
    const args = [elements, sizes, starts, type, blocks, to, from, type, this.#beginning];
    return { blocks, request: this.#mpi.start(op, "MPI_Ialltoallv", ...args) };
  }

  /** Combines the blocks of all ranks in their order; they are not needed any more. */
  #combineBlocks(blocks: Elements, into: Elements, reduce: ReduceOp): void {
    const { length } = into;
    into.set(blocks.subarray(0, length));
    for (let rank = 1; rank < this.size; rank++)
      combine(into, blocks.subarray(rank * length, (rank + 1) * length), reduce);
    this.#giveBack(blocks);
  }

  /** Memory for elements of the type of others: new memory costs more than the collective. */
  #take(elements: Elements, length: number): Elements {
    const type = typeOf(elements);
    const found = this.#spare.findIndex((spare) => spare.length === length && typeOf(spare) === type);
    return found < 0 ? elementsLike(elements, length) : this.#spare.splice(found, 1)[0]!;
  }

  #giveBack(elements: Elements): void {
    if (this.#spare.push(elements) > mostSpare) this.#spare.shift();
  }
}

function sizesAndStarts(bounds: readonly number[]): [sizes: Int32Array, starts: Int32Array] {
  const starts = Int32Array.from(bounds.slice(0, -1));
  return [starts.map((start, rank) => bounds[rank + 1]! - start), starts];
}
