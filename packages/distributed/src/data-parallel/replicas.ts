import type { Module } from "@thalweg/nn";
import type { Communicator } from "../communicator";
import { DistributedError } from "../distributed-error";
import { elementsOf, type View } from "../memory";

/** The bytes of a dense view. */
function bytesOf(view: View): Uint8Array {
  const { buffer, byteOffset, byteLength } = elementsOf(view);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Gives tensors the elements that they have on rank 0, in one message. */
export function copyFromRankZero(views: readonly View[], world: Communicator): void {
  const all = views.map(bytesOf);
  const message = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const bytes of all) {
    message.set(bytes, start);
    start += bytes.length;
  }
  world.broadcast(message);
  start = 0;
  for (const bytes of all) {
    bytes.set(message.subarray(start, start + bytes.length));
    start += bytes.length;
  }
}

/** The hash of FNV-1a, of 32 bits. */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}

/** Throws on all ranks unless the parameters of a model have the same bits everywhere. */
export function checkIdentical(model: Module, world: Communicator): void {
  const named = [...model.namedParameters()];
  const own = Int32Array.from(named, ([, tensor]) => hashOf(bytesOf(tensor)));
  const all = new Int32Array(own.length * world.size);
  world.allGather(own, all);
  for (let rank = 1; rank < world.size; rank++) {
    const at = own.findIndex((_, k) => all[k] !== all[rank * own.length + k]);
    if (at < 0) continue;
    throw new DistributedError(
      "checkIdentical",
      `${named[at]![0]} of rank ${rank} differs from that of rank 0`,
      "look for what a rank does alone, with its parameters or its optimizer",
    );
  }
}
