import { checkArguments, count, optional } from "@thalweg/tensor/internal";
import { type Call, isMismatch } from "./call";
import type { Carrier } from "./carrier";
import type { Communicator, Elements, ReduceOp, Work } from "./communicator";
import { DistributedError } from "./distributed-error";
import { elementsKind, reduceOpKind, typeOf } from "./elements";

const signatures = {
  reduce: { buffer: elementsKind, op: reduceOpKind },
  broadcast: { buffer: elementsKind, root: optional(count) },
  allGather: { own: elementsKind, all: elementsKind },
  reduceScatter: { all: elementsKind, own: elementsKind, op: reduceOpKind },
};

/** A collective that was started. */
class Started implements Work {
  readonly #finish: (work: Started) => void;
  /** The rest of it; null when it has ended. */
  rest: (() => void) | null;
  /** The error with which it has ended. */
  error: unknown = null;

  constructor(rest: (() => void) | null, finish: (work: Started) => void) {
    this.rest = rest;
    this.#finish = finish;
  }

  wait(): void {
    if (this.rest !== null) this.#finish(this);
    else if (this.error !== null) throw this.error;
  }
}

/** The communicator of a carrier: checks arguments, and keeps the order of what was started. */
export class World implements Communicator {
  readonly rank: number;
  readonly size: number;
  readonly transport: string;
  readonly #carrier: Carrier;
  /** What was started and has not ended, in the order of its start. */
  readonly #started: Started[] = [];
  #isClosed = false;
  /** The error after which nobody knows what the others do. */
  #failure: Error | null = null;

  /** @param debug whether started collectives are compared, and done, at once */
  constructor(
    carrier: Carrier,
    private readonly debug = false,
  ) {
    this.#carrier = carrier;
    this.rank = carrier.rank;
    this.size = carrier.size;
    this.transport = carrier.name;
  }

  allReduce(buffer: Elements, op: ReduceOp = "sum"): void {
    checkArguments("allReduce", signatures.reduce, [buffer, op]);
    this.#run("allReduce", { collective: "allReduce", own: buffer, reduce: op });
  }

  startAllReduce(buffer: Elements, op: ReduceOp = "sum"): Work {
    checkArguments("startAllReduce", signatures.reduce, [buffer, op]);
    const call: Call = { collective: "allReduce", own: buffer, reduce: op };
    if (this.debug) {
      this.#run("startAllReduce", call);
      return new Started(null, () => {});
    }
    this.#checkOpen("startAllReduce");
    const rest = this.#guarded(() => this.#carrier.start("startAllReduce", call));
    const work = new Started(rest, (ended) => this.#finish("wait", ended));
    this.#started.push(work);
    return work;
  }

  broadcast(buffer: Elements, root = 0): void {
    checkArguments("broadcast", signatures.broadcast, [buffer, root]);
    if (root >= this.size) {
      throw new DistributedError(
        "broadcast",
        `there is no rank ${root}, the world has ${this.size}`,
        "pass a root below that",
      );
    }
    this.#run("broadcast", { collective: "broadcast", own: buffer, root });
  }

  allGather(own: Elements, all: Elements): void {
    checkArguments("allGather", signatures.allGather, [own, all]);
    this.#checkParts("allGather", own, all);
    this.#run("allGather", { collective: "allGather", own, all });
  }

  reduceScatter(all: Elements, own: Elements, op: ReduceOp = "sum"): void {
    checkArguments("reduceScatter", signatures.reduceScatter, [all, own, op]);
    this.#checkParts("reduceScatter", own, all);
    this.#run("reduceScatter", { collective: "reduceScatter", own, all, reduce: op });
  }

  barrier(): void {
    this.#run("barrier", { collective: "barrier" });
  }

  abort(message: string): never {
    return this.#carrier.abort(String(message));
  }

  close(): void {
    if (this.#isClosed) return;
    if (this.#failure === null) this.#finish("close");
    this.#carrier.close(this.#failure !== null);
    this.#isClosed = true;
  }

  #checkOpen(op: string): void {
    if (this.#isClosed) throw new DistributedError(op, "the world was left", "call close last");
    if (this.#failure === null) return;
    throw new DistributedError(
      op,
      `the world has failed, "${this.#failure.message}"`,
      "end the program, and start it anew",
    );
  }

  /** The whole has `size` parts of the type of `own`, which may be the one of this rank, and nothing else of it. */
  #checkParts(op: string, own: Elements, all: Elements): void {
    const { size, rank } = this;
    const error = (problem: string, remedy: string) => new DistributedError(op, problem, remedy);
    if (typeOf(own) !== typeOf(all))
      throw error(`own has ${typeOf(own)} elements, all has ${typeOf(all)}`, "pass buffers of one type");
    if (all.length !== size * own.length) {
      throw error(
        `own has ${own.length} elements, all has ${all.length}, and there are ${size} ranks`,
        `pass one of ${size * own.length}`,
      );
    }
    if (own.buffer !== all.buffer) return;
    const at = (own.byteOffset - all.byteOffset) / own.BYTES_PER_ELEMENT;
    if (at >= all.length || at + own.length <= 0 || at === rank * own.length) return;
    throw error(
      `own begins at element ${at} of all, the part of rank ${rank} at ${rank * own.length}`,
      "pass that part, or memory of its own",
    );
  }

  #run(op: string, call: Call): void {
    this.#checkOpen(op);
    this.#finish(op);
    this.#guarded(() => this.#carrier.run(op, call));
  }

  /** Ends what was started, up to a work, or all. */
  #finish(op: string, last?: Started): void {
    while (this.#started.length > 0 && last?.rest !== null) {
      this.#checkOpen(op);
      const work = this.#started[0]!;
      try {
        this.#guarded(work.rest!);
      } catch (error) {
        work.error = error;
        // Somebody may still write to its buffer, which has to be kept for that.
        if (this.#failure !== null) throw error;
      }
      work.rest = null;
      this.#started.shift();
      if (work.error !== null) throw work.error;
    }
  }

  /** Remembers an error after which the ranks are out of step. */
  #guarded<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (!isMismatch(error)) this.#failure = error as Error;
      throw error;
    }
  }
}
