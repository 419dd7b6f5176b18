import { deepStrictEqual, match, notDeepStrictEqual, strictEqual } from "node:assert/strict";
import { communicatorLaws } from "@thalweg/testing";
import type { Communicator, Elements } from "../../src/index";
import { findLauncher } from "../../src/launcher";
import { findLibrary } from "../../src/mpi/library";
import { MPICarrier, type MPISettings } from "../../src/mpi/mpi-carrier";
import { World } from "../../src/world";

/** Holds MPI to all laws, in the world that a launcher has started. Prints what it tried, or fails. */

const binding = await findLibrary(findLauncher(process.env)!, undefined);
const usual: MPISettings = { timeout: 30, reduction: "mpi", mostElements: 2 ** 31 - 1 };
const worldWith = (settings: Partial<MPISettings>, debug = false) => {
  const carrier = new MPICarrier(binding, { ...usual, ...settings });
  return { carrier, world: new World(carrier, debug) };
};

const { carrier, world } = worldWith({});
process.on("uncaughtExceptionMonitor", (error) => carrier.abort(String(error.stack)));
const { rank, size } = world;
const ordered = worldWith({ reduction: "ordered" }).world;
const pieces = worldWith({ mostElements: 20 }).world;
const orderedPieces = worldWith({ mostElements: 20, reduction: "ordered" }).world;
const debugged = worldWith({}, true).world;

for (const law of communicatorLaws({ numRuns: 12 })) for (const each of [world, ordered]) law.run(each);
for (const law of communicatorLaws({ numRuns: 6, seed: 7 }))
  for (const each of [pieces, orderedPieces, debugged]) law.run(each);

/** Numbers of different sizes, so that the order of a sum shows in its last bits. */
const drawn = (of: number, length: number) =>
  Array.from({ length }, (_, i) => Math.sin(of * 31 + i * 17 + 1) * 10 ** ((of * 5 + i * 3) % 7));

/** The sum of the ranks from left to right, each rounded to the type. */
function leftToRight<E extends Float32Array | Float64Array>(
  ranks: readonly number[],
  of: (rank: number) => E,
): E {
  const sum = of(ranks[0]!);
  for (const other of ranks.slice(1)) {
    const addend = of(other);
    for (let i = 0; i < sum.length; i++) {
      const next = sum[i]! + addend[i]!;
      sum[i] = sum instanceof Float32Array ? Math.fround(next) : next;
    }
  }
  return sum;
}

const bits = ({ buffer, byteOffset, byteLength }: Elements) =>
  new Uint8Array(buffer, byteOffset, byteLength).slice();
const ranks = Array.from({ length: size }, (_, i) => i);

/** The sums of a world have the bits of sums from left to right. */
function checkOrder(by: Communicator, most: number): void {
  for (const Type of [Float32Array, Float64Array]) {
    for (const length of [0, 1, 2, size - 1, size, size + 1, 7, most]) {
      const of = (each: number) => Type.from(drawn(each, length));
      const expected = bits(leftToRight(ranks, of));
      const [now, later] = [of(rank), of(rank)];
      by.allReduce(now);
      by.startAllReduce(later).wait();
      deepStrictEqual(bits(now), expected, `allReduce of ${length}`);
      deepStrictEqual(bits(later), expected, `startAllReduce of ${length}`);
      const wholeOf = (each: number) => Type.from(drawn(each, length * size));
      const part = new Type(length);
      by.reduceScatter(wholeOf(rank), part);
      const whole = leftToRight(ranks, wholeOf);
      deepStrictEqual(
        bits(part),
        bits(whole.subarray(rank * length, (rank + 1) * length)),
        `reduceScatter of ${length}`,
      );
    }
  }
}

checkOrder(ordered, 1000);
checkOrder(worldWith({ reduction: "ordered", mostElements: 5 }).world, 40);
if (size > 2) {
  const of = (each: number) => Float32Array.from(drawn(each, 1000));
  notDeepStrictEqual(leftToRight(ranks, of), leftToRight(ranks.toReversed(), of));
}

// Every collective in pieces of a few elements.
const tiny = worldWith({ mostElements: 3 }).world;
const parts = Int32Array.from({ length: 11 * size }, (_, i) => i);
const own = parts.slice(rank * 11, (rank + 1) * 11);
const gathered = new Int32Array(11 * size);
tiny.allGather(own, gathered);
deepStrictEqual(gathered, parts);
tiny.reduceScatter(parts, own);
deepStrictEqual(
  own,
  parts.slice(rank * 11, (rank + 1) * 11).map((x) => x * size),
);
tiny.allReduce(gathered, "max");
tiny.broadcast(gathered, size - 1);
deepStrictEqual(gathered, parts);

/** As far as it is used here. */
interface WebAssemblyInterface {
  Memory: new (options: object) => { readonly buffer: SharedArrayBuffer };
  instantiate(
    code: Uint8Array,
  ): Promise<{ readonly instance: { readonly exports: Record<string, unknown> } }>;
}
const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface };

// Memory that WebAssembly shares with threads.
const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
const shared = new Float32Array(memory.buffer, 64, 100).fill(rank + 1);
world.allReduce(shared);
deepStrictEqual(Array.from(shared), new Array(100).fill((size * (size + 1)) / 2));

// The text of an error of MPI.
try {
  binding.wait(
    "broadcast",
    [binding.start("broadcast", "MPI_Ibcast", own, 1, binding.abi.types.int32, size + 3, binding.abi.world)],
    5,
  );
  throw new Error("MPI accepts a root that is not there");
} catch (error) {
  match(String(error), /^DistributedError: broadcast: MPI_Ibcast failed, .*\broot\b/i);
}

// An error of WebAssembly is a signal, which libraries below MPI would take.
const code = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 127, 1, 127, 3, 2, 1, 0, 5, 3, 1, 0, 1, 7, 5, 1, 1, 102, 0, 0,
];
const body = [10, 9, 1, 7, 0, 32, 0, 40, 2, 0, 11];
const { instance } = await WebAssembly.instantiate(Uint8Array.from([...code, ...body]));
try {
  (instance.exports.f as (at: number) => number)(2 ** 30);
  throw new Error("it reads behind the memory");
} catch (error) {
  match(String(error), /out of bounds/);
}

strictEqual(carrier.isOpen, true);
if (rank === 0) console.log(JSON.stringify({ transport: world.transport, size }));
world.close();
world.close();
strictEqual(carrier.isOpen, false);
try {
  world.barrier();
} catch (error) {
  strictEqual(String(error), "DistributedError: barrier: the world was left; call close last");
}
