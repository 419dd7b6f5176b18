import { callback, checkArguments, kind } from "@thalweg/tensor/internal";
import type { Communicator } from "./communicator";
import { communicator } from "./communicator-kind";
import { DistributedError } from "./distributed-error";

const bytes = kind("a Uint8Array", (value) => value instanceof Uint8Array);

/**
 * The bytes of all ranks, in their order; they may be of different lengths. All ranks call it.
 *
 * @example
 * import { allGatherBytes, init } from "@thalweg/distributed";
 * const world = await init();
 * const texts = allGatherBytes(new TextEncoder().encode("rank 0"), world);
 * texts.map((text) => new TextDecoder().decode(text)); // → ["rank 0"]
 */
export function allGatherBytes(own: Uint8Array, world: Communicator): Uint8Array[] {
  checkArguments("allGatherBytes", { own: bytes, world: communicator }, [own, world]);
  const lengths = new Int32Array(world.size);
  world.allGather(Int32Array.of(own.length), lengths);
  const most = Math.max(...lengths);
  const padded = new Uint8Array(most);
  padded.set(own);
  const all = new Uint8Array(most * world.size);
  world.allGather(padded, all);
  return Array.from(lengths, (length, rank) => all.slice(rank * most, rank * most + length));
}

/**
 * Has rank 0 do something that all wait for, such as writing a checkpoint. All ranks call it.
 *
 * @returns the bytes that rank 0 has returned, on all ranks; none if it returned nothing
 * @throws DistributedError on the other ranks, and its own error on rank 0, when it fails there.
 * @example
 * import { init, onRankZero } from "@thalweg/distributed";
 * const world = await init();
 * const model = new Linear(2, 1);
 * // The checkpoint is read once, and sent to all.
 * const checkpoint = await onRankZero(world, () => saveCheckpoint({ model }));
 * await loadCheckpoint(checkpoint, { model });
 */
export async function onRankZero(
  world: Communicator,
  body: () => Uint8Array | void | Promise<Uint8Array | void>,
): Promise<Uint8Array> {
  checkArguments("onRankZero", { world: communicator, body: callback }, [world, body]);
  let result: Uint8Array = new Uint8Array(0);
  let error: unknown = null;
  if (world.rank === 0) {
    try {
      result = (await body()) ?? result;
    } catch (thrown) {
      error = thrown;
      result = new TextEncoder().encode(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }
  const head = Float64Array.of(error === null ? 0 : 1, result.length);
  world.broadcast(head);
  const sent = new Uint8Array(head[1]!);
  if (world.rank === 0) sent.set(result);
  world.broadcast(sent);
  if (head[0] === 0) return sent;
  if (world.rank === 0) throw error;
  throw new DistributedError(
    "onRankZero",
    `rank 0 has failed, ${new TextDecoder().decode(sent)}`,
    "look at its output",
  );
}
