import { checkArguments, integer, options as optionsOf } from "@thalweg/tensor/internal";
import { numRuns as runs } from "./arguments";
import {
  bytesOf,
  contribution,
  difference,
  drawSamples,
  elementsOf,
  exactly,
  expectedOf,
  Findings,
  type Sample,
  type TestedCommunicator,
  type TestedElements,
} from "./communicator-trial";

/** Options of {@link communicatorLaws}, the same on all ranks. */
export interface CommunicatorLawOptions {
  /** What is sent is drawn by it; 1 unless given. */
  readonly seed?: number;
  /** Sample runs of each property; 20 unless given. */
  readonly numRuns?: number;
}

/** A property of a communicator with a name. */
export interface CommunicatorLaw {
  readonly name: string;
  /** Tries it; all ranks have to call it. Throws on the ranks that find that it does not hold. */
  readonly run: (world: TestedCommunicator) => void;
}

const signature = { options: optionsOf<CommunicatorLawOptions>({ seed: integer, numRuns: runs }) };

/** What one rank does in a law. */
type Attempt = (world: TestedCommunicator, sample: Sample, found: Findings) => void;

const describeSample = ({ type, op, length }: Sample) => `${op} of ${length} ${type} elements`;

/** The contributions of all ranks. */
function contributions(world: TestedCommunicator, sample: Sample, length = sample.length): TestedElements[] {
  return Array.from({ length: world.size }, (_, rank) => contribution(sample, length, rank, world.size));
}

function knowsRanks(world: TestedCommunicator, _: Sample, found: Findings): void {
  const { rank, size } = world;
  found.check(`the rank ${rank} is below the size ${size}`, rank >= 0 && rank < size);
  const all = new Int32Array(2 * size);
  world.allGather(Int32Array.of(rank, size), all);
  const expected = Int32Array.from({ length: 2 * size }, (_, i) => (i % 2 === 0 ? i / 2 : size));
  found.add("ranks and sizes of all", difference(all, exactly(expected)));
}

function reduces(world: TestedCommunicator, sample: Sample, found: Findings): void {
  const all = contributions(world, sample);
  const own = all[world.rank]!.slice();
  if (sample.op === "sum" && sample.choice % 2 === 0) world.allReduce(own);
  else world.allReduce(own, sample.op);
  found.add(describeSample(sample), difference(own, expectedOf(sample, all)));
}

function hasOneResult(world: TestedCommunicator, sample: Sample, found: Findings): void {
  const own = contributions(world, sample)[world.rank]!.slice();
  world.allReduce(own, sample.op);
  const bytes = bytesOf(own);
  const all = new Uint8Array(bytes.length * world.size);
  world.allGather(bytes.slice(), all);
  for (let rank = 0; rank < world.size; rank++) {
    const other = all.subarray(rank * bytes.length, (rank + 1) * bytes.length);
    found.add(`${describeSample(sample)}, bytes of rank ${rank}`, difference(other, exactly(bytes)));
  }
}

function broadcasts(world: TestedCommunicator, sample: Sample, found: Findings): void {
  const all = contributions(world, sample);
  for (let root = 0; root < world.size; root++) {
    const own = all[world.rank]!.slice();
    if (root === 0) world.broadcast(own);
    else world.broadcast(own, root);
    found.add(`${describeSample(sample)} from ${root}`, difference(own, exactly(all[root]!)));
  }
}

function join(parts: readonly TestedElements[], sample: Sample): TestedElements {
  const whole = elementsOf(sample.type, parts.length * sample.length);
  for (const [rank, part] of parts.entries()) whole.set(part, rank * sample.length);
  return whole;
}

function gathers(world: TestedCommunicator, sample: Sample, found: Findings): void {
  const parts = contributions(world, sample);
  const expected = exactly(join(parts, sample));
  const own = parts[world.rank]!.slice();
  const all = elementsOf(sample.type, world.size * sample.length);
  world.allGather(own, all);
  found.add(describeSample(sample), difference(all, expected));
  found.add(`${describeSample(sample)}, what it was given`, difference(own, exactly(parts[world.rank]!)));
  const inPlace = elementsOf(sample.type, all.length);
  const [from, to] = [world.rank * sample.length, (world.rank + 1) * sample.length];
  inPlace.set(own, from);
  world.allGather(inPlace.subarray(from, to), inPlace);
  found.add(`${describeSample(sample)} in place`, difference(inPlace, expected));
}

function scatters(world: TestedCommunicator, sample: Sample, found: Findings): void {
  const { rank, size } = world;
  const wholes = contributions(world, sample, size * sample.length);
  const [from, to] = [rank * sample.length, (rank + 1) * sample.length];
  const expected = expectedOf(
    sample,
    wholes.map((whole) => whole.subarray(from, to)),
  );
  const all = wholes[rank]!.slice();
  const own = elementsOf(sample.type, sample.length);
  world.reduceScatter(all, own, sample.op);
  found.add(describeSample(sample), difference(own, expected));
  found.add(`${describeSample(sample)}, what it was given`, difference(all, exactly(wholes[rank]!)));
  world.reduceScatter(all, all.subarray(from, to), sample.op);
  found.add(`${describeSample(sample)} in place`, difference(all.subarray(from, to), expected));
}

/** Several are under way; waiting for the last ends all, and other collectives may come between. */
function startsSeveral(world: TestedCommunicator, sample: Sample, found: Findings): void {
  const samples = [0, 1, 2].map((i) => ({ ...sample, seed: sample.seed + i, length: sample.length + i }));
  const started = samples.map((each) => {
    const all = contributions(world, each);
    const own = all[world.rank]!.slice();
    const work = each.op === "sum" ? world.startAllReduce(own) : world.startAllReduce(own, each.op);
    return { own, work, expected: expectedOf(each, all) };
  });
  // Ranks may wait for a work before or after another collective.
  if ((world.rank + sample.choice) % 2 === 0) started[0]!.work.wait();
  if (sample.choice % 3 === 0) world.barrier();
  started.at(-1)!.work.wait();
  started.forEach(({ own, expected }, i) => {
    found.add(`${describeSample(samples[i]!)}, start ${i}`, difference(own, expected));
  });
  for (const { work } of started) work.wait();
}

/** One rank comes later than the others, which must not leave earlier. */
function meets(world: TestedCommunicator, { choice }: Sample, found: Findings): void {
  const late = choice % world.size === world.rank ? 5 : 0;
  const start = Date.now();
  while (Date.now() - start < late);
  const arrival = Date.now();
  world.barrier();
  const leaving = Date.now();
  const arrivals = new Float64Array(world.size);
  world.allGather(Float64Array.of(arrival), arrivals);
  found.check(`it leaves at ${leaving}, ranks come at ${arrivals.join()}`, leaving >= Math.max(...arrivals));
}

function takesNothing(world: TestedCommunicator, sample: Sample, found: Findings): void {
  const none = elementsOf(sample.type, 0);
  world.allReduce(none, sample.op);
  world.startAllReduce(none, sample.op).wait();
  world.broadcast(none, sample.choice % world.size);
  world.allGather(none, elementsOf(sample.type, 0));
  world.reduceScatter(none, elementsOf(sample.type, 0), sample.op);
  reduces(world, { ...sample, length: 3 }, found);
}

/** Elements in the middle of others, which must not change. */
class Guarded {
  readonly elements: TestedElements;
  readonly #whole: TestedElements;
  readonly #before: TestedElements;

  constructor(given: TestedElements, { choice, type }: Sample) {
    const at = 1 + (choice % 7);
    this.#whole = elementsOf(type, at + given.length + 9).fill(77);
    this.#before = this.#whole.slice();
    this.elements = this.#whole.subarray(at, at + given.length);
    this.elements.set(given);
    this.#before.set(given, at);
  }

  /** Why something else has changed; null if nothing has. */
  change(): string | null {
    const at = (this.elements.byteOffset - this.#whole.byteOffset) / this.#whole.BYTES_PER_ELEMENT;
    this.#before.set(this.elements, at);
    return difference(this.#whole, exactly(this.#before));
  }
}

function leavesNeighbours(world: TestedCommunicator, sample: Sample, found: Findings): void {
  const { rank, size } = world;
  const parts = contributions(world, sample);
  const whole = join(parts, sample);
  const own = () => new Guarded(parts[rank]!, sample);
  const all = new Guarded(elementsOf(sample.type, whole.length), sample);
  const views = { reduced: own(), started: own(), copied: own(), part: own(), all };
  const { reduced, started, copied, part } = views;
  const root = sample.choice % size;
  world.allReduce(reduced.elements, sample.op);
  world.startAllReduce(started.elements, sample.op).wait();
  world.broadcast(copied.elements, root);
  world.allGather(part.elements, all.elements);
  const expected = expectedOf(sample, parts);
  for (const { elements } of [reduced, started])
    found.add(`${describeSample(sample)} in a view`, difference(elements, expected));
  found.add("broadcast in a view", difference(copied.elements, exactly(parts[root]!)));
  found.add("allGather in a view", difference(all.elements, exactly(whole)));
  world.reduceScatter(all.elements, part.elements, sample.op);
  const repeated = expectedOf(sample, new Array(size).fill(parts[rank]!));
  found.add("reduceScatter in a view", difference(part.elements, repeated));
  for (const [name, view] of Object.entries(views))
    found.add(`${describeSample(sample)}, the neighbours of ${name}`, view.change());
}

function isRefused(call: () => void): boolean {
  try {
    call();
    return false;
  } catch {
    return true;
  }
}

/** The last rank calls something else than the others: all get an error, and can go on. */
function refusesDifferences(world: TestedCommunicator, sample: Sample, found: Findings): void {
  const { size } = world;
  const isOdd = world.rank === size - 1;
  const { type, choice } = sample;
  const other = type === "float32" ? "int32" : "float32";
  const length = Math.min(sample.length, 99);
  const own = elementsOf(type, length);
  const calls: Record<string, () => void> = {
    "another length": () => world.allReduce(elementsOf(type, length + Number(isOdd))),
    "another type": () => world.broadcast(elementsOf(isOdd ? other : type, length)),
    "another op": () => world.allReduce(own, isOdd ? "max" : "min"),
    "another root": () => world.broadcast(own, isOdd ? 1 : 0),
    "another collective": () => (isOdd ? world.barrier() : world.broadcast(own)),
    "parts of another length": () => {
      const count = length + Number(isOdd);
      world.allGather(elementsOf(type, count), elementsOf(type, size * count));
    },
    "a whole of another length": () => world.allGather(own, elementsOf(type, size * length + 1)),
    "a whole of another type": () => world.reduceScatter(elementsOf(other, size * length), own),
  };
  for (const [what, call] of Object.entries(calls)) {
    const isLocal = what.startsWith("a whole");
    if (size === 1 && !isLocal) continue;
    found.check(`a call with ${what} is refused`, isRefused(call));
    if (choice % 2 === 0) reduces(world, { ...sample, length }, found);
  }
  reduces(world, { ...sample, length }, found);
}

/**
 * The requirements on every communicator, as properties that its ranks try together: reductions of every type combine the
 * elements of all ranks, exactly for ints, maxima and minima (NaN if one is NaN, 0 above -0), and up to rounding for sums of
 * floats, with the same bits on all ranks; broadcasts come from each root, parts are gathered and scattered in the order of
 * ranks, also in place; reductions that were started end in order; a barrier waits for all; empty buffers and views of larger
 * ones are right, and nothing beside them changes; and calls in which the ranks differ are errors on all of them, after which
 * the communicator can be used.
 *
 * Every rank draws the same samples from `seed`. A rank that finds something wrong throws at the end of the law, so the
 * others do not wait for it. The clocks of the ranks have to agree to a millisecond, as those of one machine do.
 *
 * @example
 * const laws = communicatorLaws({ seed: 5 });
 * laws.length; // → 11
 * laws[0]!.name; // → "a rank knows the others"
 */
export function communicatorLaws(options: CommunicatorLawOptions = {}): CommunicatorLaw[] {
  checkArguments("communicatorLaws", signature, [options]);
  const { seed = 1, numRuns = 20 } = options;
  const law = (name: string, attempt: Attempt, most = numRuns): CommunicatorLaw => ({
    name,
    run(world) {
      const found = new Findings(world);
      for (const sample of drawSamples(seed, Math.min(numRuns, most))) attempt(world, sample, found);
      found.close();
    },
  });
  return [
    law("a rank knows the others", knowsRanks, 1),
    law("allReduce combines the elements of all ranks", reduces),
    law("allReduce leaves the same bits on all ranks", hasOneResult),
    law("broadcast copies from each root", broadcasts),
    law("allGather joins in the order of ranks", gathers),
    law("reduceScatter leaves each rank its part", scatters),
    law("startAllReduce ends in order", startsSeveral),
    law("barrier waits for all", meets, 4),
    law("empty buffers are allowed", takesNothing, 5),
    law("neighbours of a view stay as they are", leavesNeighbours),
    law("calls that differ are refused on all ranks", refusesDifferences, 5),
  ];
}
