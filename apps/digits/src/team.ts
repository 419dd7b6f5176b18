import { readFile } from "node:fs/promises";
import {
  allGatherBytes,
  type Communicator,
  DataParallel,
  onRankZero,
  reshard,
  shard,
} from "@thalweg/distributed";
import type { Team } from "./session";

/** The team of the processes of a world. */
export function teamOf(world: Communicator): Team {
  const { rank, size } = world;
  let parallel: { divergeRandom(): void } | undefined;
  return {
    rank,
    size,
    samplerOf: (images) => shard(images, { world, shuffle: true }),
    stateFor: (loader, state) => reshard(state, loader),
    forwardOf(model) {
      const trained = new DataParallel(model, { world });
      parallel = trained;
      return (images) => trained.forward(images);
    },
    diverge: () => parallel?.divergeRandom(),
    sum({ images, loss, correct }) {
      const sums = Float64Array.of(images, loss, correct);
      world.allReduce(sums);
      return { images: sums[0]!, loss: sums[1]!, correct: sums[2]! };
    },
    join<T>(own: readonly T[]) {
      const texts = allGatherBytes(new TextEncoder().encode(JSON.stringify(own)), world);
      return texts.flatMap((text) => JSON.parse(new TextDecoder().decode(text)) as T[]);
    },
    agree(own) {
      const all = Uint8Array.of(Number(own));
      world.allReduce(all, "min");
      return all[0] === 1;
    },
    onFirst: async (body) => void (await onRankZero(world, body)),
    read: (path) => onRankZero(world, () => readFile(path)),
  };
}
