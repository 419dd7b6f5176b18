import { parentPort, workerData } from "node:worker_threads";
import { communicatorLaws } from "@thalweg/testing";
import { type Communicator, join, type Seat } from "../../src/index";
import { wrongNames, wrongWorld } from "./wrong";

/** What a worker does with its seats; its answer is a message. */

const { seats, task } = workerData as { readonly seats: readonly Seat[]; readonly task: string };

/** The message of what a call throws. */
function thrown(call: () => unknown): string {
  try {
    call();
    return "nothing";
  } catch (error) {
    return String(error);
  }
}

const lately = (milliseconds: number) =>
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

const wait = (world: Communicator) => thrown(() => world.barrier());

const tasks: Record<string, (world: Communicator) => unknown> = {
  laws(world) {
    for (const law of communicatorLaws({ numRuns: 12 })) law.run(world);
    return world.transport;
  },
  sums(world) {
    const sum = Float32Array.from(
      { length: 70_000 },
      (_, i) => Math.sin(i + 1) * 10 ** ((world.rank * 2 + i) % 7),
    );
    world.allReduce(sum);
    return sum;
  },
  aborts: (world) =>
    world.rank === 1 ? thrown(() => world.abort("the loss is NaN")) : [wait(world), wait(world)],
  leaves(world) {
    if (world.rank === 1) {
      world.close();
      world.close();
      return wait(world);
    }
    return wait(world);
  },
  ends: (world) => (world.rank === 1 ? process.exit(0) : wait(world)),
  late(world) {
    if (world.rank === 0) return [wait(world), wait(world)];
    lately(1000);
    return wait(world);
  },
  differs(world) {
    const isOdd = world.rank === 2;
    const errors = [
      thrown(() => world.allReduce(new Float32Array(isOdd ? 12 : 10))),
      thrown(() => world.broadcast(isOdd ? new Int32Array(4) : new Float32Array(4))),
      thrown(() => world.allReduce(new Float32Array(1), isOdd ? "max" : "sum")),
      thrown(() => world.broadcast(new Float32Array(1), isOdd ? 1 : 0)),
      thrown(() => (isOdd ? world.barrier() : world.broadcast(new Float32Array(1)))),
    ];
    const work = world.startAllReduce(new Float32Array(isOdd ? 2 : 1));
    return [...errors, thrown(() => work.wait()), thrown(() => work.wait()), wait(world)];
  },
};

/** The laws that each wrong communicator breaks on this rank. */
function broken(): Record<string, string[]> {
  const found = wrongNames.map((name, i) => {
    const world = wrongWorld(name, join(seats[i]!));
    const names = communicatorLaws({ numRuns: 12 }).filter(
      ({ run }) => thrown(() => run(world)) !== "nothing",
    );
    return [name, names.map((law) => law.name)] as const;
  });
  return Object.fromEntries(found);
}

parentPort!.postMessage(task === "wrong" ? broken() : tasks[task]!(join(seats[0]!)));
