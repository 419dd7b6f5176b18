import fc from "fast-check";

/** What a communicator sends. */
export type TestedElements = Float32Array | Float64Array | Int32Array | Uint8Array;

/** How a communicator combines elements. */
export type TestedReduceOp = "sum" | "max" | "min";

/** Ranks that compute together, such as a `Communicator` of `@thalweg/distributed`. */
export interface TestedCommunicator {
  readonly rank: number;
  readonly size: number;
  /** Combines the buffers of all ranks, by their sum unless `op` is given. */
  allReduce(buffer: TestedElements, op?: TestedReduceOp): void;
  /** Starts the same, by the sum unless `op` is given. */
  startAllReduce(
    buffer: TestedElements,
    op?: TestedReduceOp,
  ): {
    /** Returns when it has ended. */
    wait(): void;
  };
  /** Copies a buffer to all, that of rank 0 unless `root` is given. */
  broadcast(buffer: TestedElements, root?: number): void;
  /** Joins the buffers of all ranks in their order. */
  allGather(own: TestedElements, all: TestedElements): void;
  /** Combines parts, by their sum unless `op` is given. */
  reduceScatter(all: TestedElements, own: TestedElements, op?: TestedReduceOp): void;
  /** Returns when all ranks have called it. */
  barrier(): void;
}

const types = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array };

type ElementType = keyof typeof types;

const reduceOps: readonly TestedReduceOp[] = ["sum", "max", "min"];

/** Half the distance of 1 to the next number of the type. */
const rounding = { float32: 2 ** -24, float64: 2 ** -53, int32: 0, uint8: 0 };

/** What a law tries. */
export interface Sample {
  readonly type: ElementType;
  readonly op: TestedReduceOp;
  readonly length: number;
  /** A rank is chosen by it. */
  readonly choice: number;
  /** The numbers of the ranks are drawn by it. */
  readonly seed: number;
}

/** The samples of a law, the same on all ranks. A dozen has all types with all reductions. */
export function drawSamples(seed: number, numRuns: number): Sample[] {
  const drawn = fc.record({
    length: fc.oneof(
      { weight: 2, arbitrary: fc.constantFrom(0, 1, 2, 3, 5, 8) },
      { weight: 7, arbitrary: fc.integer({ min: 9, max: 99 }) },
      { weight: 1, arbitrary: fc.integer({ min: 40_000, max: 80_000 }) },
    ),
    choice: fc.nat(2 ** 16),
    seed: fc.nat(2 ** 30),
  });
  const names = Object.keys(types) as ElementType[];
  return fc.sample(drawn, { seed, numRuns }).map((sample, i) => ({
    ...sample,
    type: names[i % names.length]!,
    op: reduceOps[i % reduceOps.length]!,
  }));
}

/** New elements of a type. */
export function elementsOf(type: ElementType, length: number): TestedElements {
  return new types[type](length);
}

/** A whole number below 2^32 that looks random. */
function hash(seed: number, rank: number, index: number): number {
  let x = Math.imul(seed ^ Math.imul(rank + 1, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
  return (x ^ (x >>> 15)) >>> 0;
}

const special = [Number.NaN, -0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

/** The elements that a rank contributes. Sums of ints fit into the type; maxima and minima also meet special numbers. */
export function contribution({ type, op, seed }: Sample, length: number, rank: number, size: number) {
  const elements = elementsOf(type, length);
  for (let i = 0; i < length; i++) {
    const bits = hash(seed, rank, i);
    if (type === "uint8") elements[i] = bits % (Math.floor(255 / size) + 1);
    else if (type === "int32") elements[i] = (bits | 0) >> 8;
    else if (op !== "sum" && bits % 4 === 0) elements[i] = special[(bits >>> 2) % special.length]!;
    else elements[i] = (bits / 2 ** 31 - 1) * 10 ** ((bits % 9) - 4);
  }
  return elements;
}

/** The combination of all ranks' elements, and how far from it a result may be. */
export interface Expected {
  readonly values: Float64Array;
  /** Errors of rounding, whatever the order. */
  readonly errors: Float64Array;
}

export function expectedOf({ type, op }: Sample, all: readonly TestedElements[]): Expected {
  const values = Float64Array.from(all[0]!);
  const sizes = values.map(Math.abs);
  for (const elements of all.slice(1)) {
    for (let i = 0; i < values.length; i++) {
      const [a, b] = [values[i]!, elements[i]!];
      values[i] = op === "sum" ? a + b : op === "max" ? Math.max(a, b) : Math.min(a, b);
      sizes[i]! += Math.abs(b);
    }
  }
  const share = op === "sum" ? 2 * all.length * rounding[type] : 0;
  return { values, errors: share === 0 ? sizes.fill(0) : sizes.map((size) => size * share) };
}

/** Why elements are not as expected; null if they are. */
export function difference(actual: TestedElements, { values, errors }: Expected): string | null {
  if (actual.length !== values.length) return `${actual.length} elements in place of ${values.length}`;
  for (let i = 0; i < values.length; i++) {
    if (Object.is(actual[i], values[i])) continue;
    if (errors[i]! > 0 && Math.abs(actual[i]! - values[i]!) <= errors[i]!) continue;
    return `element ${i} is ${String(actual[i])} in place of ${String(values[i])}`;
  }
  return null;
}

/** Exactly these elements. */
export function exactly(elements: TestedElements): Expected {
  return { values: Float64Array.from(elements), errors: new Float64Array(elements.length) };
}

/** The bytes of elements. */
export function bytesOf({ buffer, byteOffset, byteLength }: TestedElements): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * What was found wrong on this rank. A rank that finds something goes on to the end of the law, as the others do, which would
 * wait for it.
 */
export class Findings {
  #first: string | null = null;

  constructor(private readonly world: TestedCommunicator) {}

  add(what: string, problem: string | null): void {
    if (problem !== null)
      this.#first ??= `rank ${this.world.rank} of ${this.world.size}: ${what}: ${problem}`;
  }

  check(what: string, holds: boolean): void {
    this.add(what, holds ? null : "it does not hold");
  }

  /** Throws the first. */
  close(): void {
    if (this.#first !== null) throw new Error(this.#first);
  }
}
