import type { TestedCommunicator, TestedElements } from "@thalweg/testing";

/** Communicators that are wrong on purpose, made of one that is right. */

type Change = (world: TestedCommunicator) => Partial<TestedCommunicator>;

/** A communicator with some methods replaced. */
function changed(world: TestedCommunicator, change: Change): TestedCommunicator {
  const own = {
    rank: world.rank,
    size: world.size,
    allReduce: world.allReduce.bind(world),
    startAllReduce: world.startAllReduce.bind(world),
    broadcast: world.broadcast.bind(world),
    allGather: world.allGather.bind(world),
    reduceScatter: world.reduceScatter.bind(world),
    barrier: world.barrier.bind(world),
  };
  return { ...own, ...change(world) };
}

const isLast = ({ rank, size }: TestedCommunicator) => rank === size - 1;

/** The element behind a view, where there is one. */
function writeBehind({ buffer, byteOffset, byteLength }: TestedElements): void {
  if (byteOffset + byteLength < buffer.byteLength) new Uint8Array(buffer)[byteOffset + byteLength]! ^= 1;
}

const changes: Record<string, Change> = {
  right: () => ({}),
  "one rank is off": (world) => ({
    allReduce(buffer, op) {
      world.allReduce(buffer, op);
      if (isLast(world) && buffer.length > 0) buffer[0] = buffer[0]! + 1;
    },
  }),
  "one rank has other last bits": (world) => ({
    allReduce(buffer, op) {
      world.allReduce(buffer, op);
      if (!isLast(world) || op !== "sum" || !(buffer instanceof Float64Array)) return;
      for (let i = 0; i < buffer.length; i++) buffer[i]! *= 1 + Number.EPSILON;
    },
  }),
  "parts come in another order": (world) => ({
    allGather(own, all) {
      world.allGather(own, all);
      if (own.length > 0) all.reverse();
    },
  }),
  "what is gathered is changed": (world) => ({
    allGather(own, all) {
      world.allGather(own, all);
      if (own.buffer !== all.buffer) own.fill(0);
    },
  }),
  "the root is always the first": (world) => ({
    broadcast: (buffer) => world.broadcast(buffer),
  }),
  "a rank gets the part of another": (world) => ({
    reduceScatter(all, own, op) {
      const reduced = all.slice();
      world.allReduce(reduced, op);
      own.set(reduced.subarray(0, own.length));
    },
  }),
  "a neighbour is overwritten": (world) => ({
    broadcast(buffer, root) {
      world.broadcast(buffer, root);
      writeBehind(buffer);
    },
  }),
  "a maximum leaves out NaN": (world) => ({
    allReduce(buffer, op) {
      if (op === "max")
        buffer.forEach((x, i) => {
          if (Number.isNaN(x)) buffer[i] = Number.NEGATIVE_INFINITY;
        });
      world.allReduce(buffer, op);
    },
  }),
  "the barrier is open": () => ({ barrier() {} }),
  "the last start is not waited for": (world) => ({
    startAllReduce(buffer, op) {
      const work = world.startAllReduce(buffer.slice(), op);
      return { wait: () => work.wait() };
    },
  }),
  "empty buffers are refused": (world) => ({
    broadcast(buffer, root) {
      if (buffer.length === 0) throw new Error("it is empty");
      world.broadcast(buffer, root);
    },
  }),
  "calls that differ are let through": (world) => ({
    allReduce(buffer, op) {
      try {
        world.allReduce(buffer, op);
      } catch {
        // Nobody hears of it.
      }
    },
  }),
  "the first error is the last": (world) => {
    let hasFailed = false;
    return {
      allReduce(buffer, op) {
        if (hasFailed) throw new Error("it has failed before");
        try {
          world.allReduce(buffer, op);
        } catch (error) {
          hasFailed = true;
          throw error;
        }
      },
    };
  },
};

/** Names of all, the right one first. */
export const wrongNames: readonly string[] = Object.keys(changes);

/** The communicator of this name. */
export function wrongWorld(name: string, world: TestedCommunicator): TestedCommunicator {
  return changed(world, changes[name]!);
}
