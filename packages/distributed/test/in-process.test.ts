import { Worker } from "node:worker_threads";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type Communicator, DistributedError, inProcess, join, type Seat } from "../src/index";
import { type Bundle, bundle } from "./bundle";
import { wrongNames } from "./programs/wrong";

let programs: Bundle;

/** Seconds after which a test that hangs fails. */
const patience = { timeout: 15 };

/** Communicators that are wrong in a way that has the ranks wait for each other. */
const stuck = new Set(["the barrier is open", "empty buffers are refused"]);

beforeAll(async () => {
  programs = await bundle("worker");
});

afterAll(() => programs?.remove());
afterEach(() => vi.unstubAllGlobals());

/** Has workers of several worlds do something; their answers, in the order of ranks. */
async function work(task: string, worlds: readonly (readonly Seat[])[]): Promise<unknown[]> {
  const ranks = worlds[0]!.map((_, rank) => worlds.map((seats) => seats[rank]!));
  return Promise.all(
    ranks.map((seats) => {
      const worker = new Worker(programs.path("worker"), { workerData: { seats, task } });
      return new Promise((resolve, reject) => {
        worker.once("message", resolve);
        worker.once("error", reject);
        worker.once("exit", () => resolve("ended"));
      });
    }),
  );
}

const left = (rank: number) =>
  `DistributedError: barrier: rank ${rank} has left the world; leave it when all are done`;

describe("workers of one process", () => {
  it.each([1, 2, 3, 4])("keep all laws in a world of %i", async (size) => {
    expect(await work("laws", [inProcess(size, patience)])).toEqual(new Array(size).fill("shared memory"));
  });

  it("add up in the order of ranks, to the bit", async () => {
    const sums = (await work("sums", [inProcess(3, patience)])) as Float32Array[];
    const parts = [0, 1, 2].map((rank) =>
      Float32Array.from({ length: 70_000 }, (_, i) => Math.sin(i + 1) * 10 ** ((rank * 2 + i) % 7)),
    );
    const expected = parts[0]!.map((x, i) => Math.fround(Math.fround(x + parts[1]![i]!) + parts[2]![i]!));
    for (const sum of sums) expect(sum).toEqual(expected);
    const other = parts[2]!.map((x, i) => Math.fround(Math.fround(x + parts[1]![i]!) + parts[0]![i]!));
    expect(other).not.toEqual(expected);
  });

  it("throw the message of one that aborts", async () => {
    const [first, second, third] = await work("aborts", [inProcess(3, patience)]);
    expect(second).toBe("DistributedError: abort: the loss is NaN");
    const error = "DistributedError: barrier: rank 1 has failed, the loss is NaN";
    const again =
      'DistributedError: barrier: the world has failed, "barrier: rank 1 has failed, the loss is NaN"; ' +
      "end the program, and start it anew";
    expect([first, third]).toEqual([
      [error, again],
      [error, again],
    ]);
  });

  it("do not wait for one that has left, or ended", async () => {
    const closed = "DistributedError: barrier: the world was left; call close last";
    expect(await work("leaves", [inProcess(3, patience)])).toEqual([left(1), closed, left(1)]);
    expect(await work("ends", [inProcess(3, patience)])).toEqual([left(1), "ended", left(1)]);
  });

  it("name those that do not come in time", async () => {
    const text =
      "barrier: ranks 1, 2 did not come within 0.1 s; look for one that hangs or does something else, " +
      "or give inProcess a longer timeout";
    const [first, ...others] = await work("late", [inProcess(3, { timeout: 0.1 })]);
    expect(first).toEqual([
      `DistributedError: ${text}`,
      `DistributedError: barrier: the world has failed, "${text}"; end the program, and start it anew`,
    ]);
    for (const other of others) expect(other).toBe(`DistributedError: barrier: rank 0 has failed, ${text}`);
  });

  it("all throw when one calls something else, and go on", async () => {
    const answers = await work("differs", [inProcess(3, patience)]);
    const start = "startAllReduce: rank 0 has 1 float32 elements, rank 2 has 2; pass buffers of one size";
    for (const [rank, answer] of answers.entries()) {
      expect(answer).toEqual([
        "DistributedError: allReduce: rank 0 has 10 float32 elements, rank 2 has 12; pass buffers of one size",
        "DistributedError: broadcast: rank 0 has 4 float32 elements, rank 2 has 4 int32 elements; pass buffers of one type",
        "DistributedError: allReduce: rank 0 reduces by sum, rank 2 reduces by max; pass the same op on all ranks",
        "DistributedError: broadcast: rank 0 has the root 0, rank 2 has the root 1; pass the same root on all ranks",
        `DistributedError: ${rank === 2 ? "barrier" : "broadcast"}: rank 0 calls broadcast, rank 2 calls barrier; ` +
          "call the same collectives in the same order on all ranks",
        `DistributedError: ${start}`,
        `DistributedError: ${start}`,
        "nothing",
      ]);
    }
  });

  it("have seats that are taken once, and are copied with their memory shared", () => {
    const [seat] = inProcess(2);
    expect(seat).toMatchObject({ rank: 0, size: 2, timeout: 1800 });
    expect(structuredClone(seat)!.memory).toBeInstanceOf(SharedArrayBuffer);
    const world = join(seat!);
    expect([world.rank, world.size, world.transport]).toEqual([0, 2, "shared memory"]);
    expect(() => join(structuredClone(seat!))).toThrow(
      "join: the seat of rank 0 is taken; give each worker a seat of its own",
    );
  });

  it("say what they cannot do", () => {
    const [seat] = inProcess(1);
    expect(() => inProcess(0)).toThrow("inProcess: size must be a whole number from 1 on, got 0");
    expect(() => inProcess(1, { timeout: 0 })).toThrow("inProcess: timeout must be a number above 0, got 0");
    expect(() => join({} as Seat)).toThrow("join: rank must be a whole number from 0 on, got nothing");
    const wrong = { ...seat!, rank: 1 };
    expect(() => join(wrong)).toThrow("join: it is not a seat of a world; pass one that inProcess has made");
    const { wait } = Atomics;
    Atomics.wait = () => {
      throw new TypeError("Atomics.wait cannot be called in this context");
    };
    expect(() => join(seat!)).toThrow("join: this thread must not wait for others; call it in a worker");
    Atomics.wait = wait;
    vi.stubGlobal("SharedArrayBuffer", undefined);
    expect(() => inProcess(2)).toThrow(
      new DistributedError(
        "inProcess",
        "there is no SharedArrayBuffer here",
        "serve the page with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp",
      ),
    );
  });
});

it("the laws of communicators catch what is wrong", async () => {
  const ranks = await work(
    "wrong",
    wrongNames.map((name) => inProcess(3, stuck.has(name) ? { timeout: 0.5 } : patience)),
  );
  const broken = (name: string) => [
    ...new Set((ranks as Record<string, string[]>[]).flatMap((found) => found[name]!)),
  ];
  const allReduce = "allReduce combines the elements of all ranks";
  const bits = "allReduce leaves the same bits on all ranks";
  const gather = "allGather joins in the order of ranks";
  const views = "neighbours of a view stay as they are";
  const refusal = "calls that differ are refused on all ranks";
  expect(broken("right")).toEqual([]);
  expect(broken("one rank is off")).toEqual(expect.arrayContaining([allReduce, bits, views]));
  expect(broken("one rank has other last bits")).toEqual([bits]);
  expect(broken("parts come in another order")).toEqual(
    expect.arrayContaining(["a rank knows the others", gather, views]),
  );
  expect(broken("what is gathered is changed")).toEqual(expect.arrayContaining([gather]));
  expect(broken("the root is always the first")).toEqual(
    expect.arrayContaining(["broadcast copies from each root", refusal]),
  );
  expect(broken("a rank gets the part of another")).toEqual(
    expect.arrayContaining(["reduceScatter leaves each rank its part"]),
  );
  expect(broken("a neighbour is overwritten")).toEqual([views]);
  expect(broken("a maximum leaves out NaN")).toEqual(expect.arrayContaining([allReduce]));
  expect(broken("the barrier is open")).toEqual(expect.arrayContaining(["barrier waits for all"]));
  expect(broken("the last start is not waited for")).toEqual(
    expect.arrayContaining(["startAllReduce ends in order"]),
  );
  expect(broken("empty buffers are refused")).toEqual(expect.arrayContaining(["empty buffers are allowed"]));
  expect(broken("calls that differ are let through")).toEqual([refusal]);
  expect(broken("the first error is the last")).toEqual([refusal]);
});

describe("arguments of collectives", () => {
  const world: Communicator = join(inProcess(1)[0]!);
  const f32 = new Float32Array(4);

  it.each<[string, () => unknown, string]>([
    [
      "a list in place of a buffer",
      () => world.allReduce([1] as never),
      "allReduce: buffer must be a Float32Array, Float64Array, Int32Array or Uint8Array, got [1]",
    ],
    [
      "another reduction",
      () => world.startAllReduce(f32, "mean" as never),
      'startAllReduce: op must be "sum" or "max" or "min", got "mean"',
    ],
    [
      "a root that is not there",
      () => world.broadcast(f32, 1),
      "broadcast: there is no rank 1, the world has 1; pass a root below that",
    ],
    [
      "a whole of another length",
      () => world.allGather(f32, new Float32Array(5)),
      "allGather: own has 4 elements, all has 5, and there are 1 ranks; pass one of 4",
    ],
    [
      "a whole of another type",
      () => world.reduceScatter(new Int32Array(4), f32),
      "reduceScatter: own has float32 elements, all has int32; pass buffers of one type",
    ],
    [
      "a part that lies elsewhere in the whole",
      () => {
        const memory = new Float32Array(6);
        world.allGather(memory.subarray(2), memory.subarray(0, 4));
      },
      "allGather: own begins at element 2 of all, the part of rank 0 at 0; pass that part, or memory of its own",
    ],
  ])("%s is refused", (_, call, message) => {
    expect(call).toThrow(message);
  });
});
