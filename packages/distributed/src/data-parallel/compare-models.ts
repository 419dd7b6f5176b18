import type { Module } from "@thalweg/nn";
import { formatShape } from "@thalweg/tensor/internal";
import { allGatherBytes } from "../bytes";
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
  const texts = allGatherBytes(own, world).map((bytes) => new TextDecoder().decode(bytes).split("\n"));
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
