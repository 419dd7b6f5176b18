import type { Module } from "@thalweg/nn";
import { formatShape } from "@thalweg/tensor/internal";
import type { Communicator } from "../communicator";
import { DistributedError } from "../distributed-error";

/** Lines that describe all tensors of a model. */
function describeModel(model: Module): string[] {
  return [
    ...[...model.namedParameters()].map(
      ([name, { shape, dtype, requiresGrad }]) =>
        `${name} ${formatShape(shape)} ${dtype}${requiresGrad ? "" : ", frozen"}`,
    ),
    ...[...model.namedBuffers()].map(
      ([name, { shape, dtype }]) => `${name} ${formatShape(shape)} ${dtype}, a buffer`,
    ),
  ];
}

/** Throws on all ranks unless all have models with the same tensors. */
export function compareModels(model: Module, world: Communicator): void {
  const own = new TextEncoder().encode(describeModel(model).join("\n"));
  const texts = gatherBytes(own, world).map((bytes) => new TextDecoder().decode(bytes).split("\n"));
  const [first, ...others] = texts as [string[], ...string[][]];
  others.forEach((lines, i) => {
    const at = Array.from({ length: Math.max(first.length, lines.length) }, (_, k) => k).find(
      (k) => first[k] !== lines[k],
    );
    if (at === undefined) return;
    const has = (rank: number, line: string | undefined) => `rank ${rank} has ${line || "nothing"}`;
    throw new DistributedError(
      "DataParallel",
      `the models differ, ${has(0, first[at])} where ${has(i + 1, lines[at])}`,
      "make the same model on all ranks",
    );
  });
}

/** The bytes of all ranks, which may be of different lengths. */
export function gatherBytes(own: Uint8Array, world: Communicator): Uint8Array[] {
  const lengths = new Int32Array(world.size);
  world.allGather(Int32Array.of(own.length), lengths);
  const most = Math.max(...lengths);
  const padded = new Uint8Array(most);
  padded.set(own);
  const all = new Uint8Array(most * world.size);
  world.allGather(padded, all);
  return Array.from(lengths, (length, rank) => all.subarray(rank * most, rank * most + length));
}
