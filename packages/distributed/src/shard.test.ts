import { fc, test } from "@fast-check/vitest";
import { DataLoader } from "@thalweg/data";
import { describe, expect, it } from "vitest";
import type { Communicator } from "./communicator";
import { reshard, type ShardOptions, shard } from "./shard";

/** What a shard needs of a world. */
const worldOf = (rank: number, size: number) => ({ rank, size, allReduce() {} }) as unknown as Communicator;
const ranksOf = (size: number) => Array.from({ length: size }, (_, rank) => worldOf(rank, size));

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

/** The batches of all ranks in an epoch. */
function batchesOf(examples: number, size: number, batchSize: number, options: Omit<ShardOptions, "world">) {
  return ranksOf(size).map((world) => {
    const sampler = shard(numbers(examples), { world, batchSize, ...options });
    const loader = new DataLoader(numbers(examples), { sampler, batchSize });
    return [...loader].map((x) => x.toArray() as number[]);
  });
}

const sizes = { examples: fc.integer({ min: 1, max: 60 }), size: fc.integer({ min: 1, max: 5 }) };

describe("shard", () => {
  test.prop([fc.record(sizes), fc.boolean()])(
    "pads as PyTorch's sampler does: from the front",
    ({ examples, size }, shuffle) => {
      const ranks = batchesOf(examples, size, 1, { shuffle }).map((batches) => batches.flat());
      const length = Math.ceil(examples / size);
      expect(ranks.map((all) => all.length)).toEqual(Array(size).fill(length));
      const order = numbers(length * size).map((i) => ranks[i % size]![Math.floor(i / size)]!);
      expect(order.slice(0, examples).toSorted((a, b) => a - b)).toEqual(numbers(examples));
      expect(order.slice(examples)).toEqual(numbers(order.length - examples).map((i) => order[i % examples]));
    },
  );

  test.prop([fc.record(sizes), fc.integer({ min: 1, max: 8 })])(
    "has each example once where that is possible, in as many batches on all ranks",
    ({ examples, size }, batchSize) => {
      const options = { shuffle: true, remainder: "exact" } as const;
      let ranks: number[][][];
      try {
        ranks = batchesOf(examples, size, batchSize, options);
      } catch (error) {
        const { message } = error as Error;
        expect(message).toMatch(
          /^shard: \d+ examples in batches of \d+ on \d+ ranks would give some ranks a batch more/,
        );
        const better = Number(/use batches of (\d+)/.exec(message)?.[1]);
        if (better) expect(() => batchesOf(examples, size, better, options)).not.toThrow();
        return;
      }
      expect(new Set(ranks.map((batches) => batches.length)).size).toBe(1);
      expect(ranks.flat(2).toSorted((a, b) => a - b)).toEqual(numbers(examples));
    },
  );

  it("drops the last ones", () => {
    expect(batchesOf(8, 3, 2, { remainder: "drop" })).toEqual([[[0, 3]], [[1, 4]], [[2, 5]]]);
  });

  it("has another order in each epoch, the same on all ranks", () => {
    const epochs = ranksOf(2).map((world) => {
      const sampler = shard(numbers(40), { world, shuffle: true, seed: 5 });
      const loader = new DataLoader(numbers(40), { sampler, batchSize: 20 });
      return [[...loader], [...loader]].map(([batch]) => batch!.toArray() as number[]);
    });
    const orders = [0, 1].map((epoch) => epochs.flatMap((all) => all[epoch]!));
    for (const order of orders) expect(order.toSorted((a, b) => a - b)).toEqual(numbers(40));
    expect(orders[0]).not.toEqual(orders[1]);
  });

  it("says what is wrong", () => {
    const world = worldOf(0, 4);
    expect(() => shard([1, 2], { world, remainder: "exact" })).toThrow(
      'shard: there is no batchSize, which remainder "exact" needs; pass the loader\'s',
    );
    expect(() => shard(numbers(9), { world, remainder: "exact", batchSize: 2 })).toThrow(
      'shard: 9 examples in batches of 2 on 4 ranks would give some ranks a batch more than others; use batches of 3, or remainder: "pad"',
    );
    expect(() => shard([1], { world, remainder: "none" as never })).toThrow(
      /remainder must be "pad", "drop" or "exact"/,
    );
    expect(() => shard([1], {} as never)).toThrow(/world/);
  });
});

describe("a loader of a shard", () => {
  const loaderOf = (world: Communicator, batchSize: number) =>
    new DataLoader(numbers(24), {
      sampler: shard(numbers(24), { world, shuffle: true, seed: 2 }),
      batchSize,
    });

  test.prop([fc.constantFrom(1, 2, 3, 4), fc.constantFrom(1, 2, 3, 4), fc.integer({ min: 0, max: 3 })])(
    "goes on in a world of another size with the examples that are left",
    (before, after, done) => {
      const first = loaderOf(worldOf(0, before), 12 / before);
      let seen = 0;
      for (const _ of first) if (++seen > done) break;
      if (done === 0) for (const _ of first) break;
      const state = JSON.parse(JSON.stringify(first.stateDict()));
      const left = ranksOf(after).map((world) => {
        const loader = loaderOf(world, 12 / after);
        loader.loadStateDict(reshard(state, loader));
        return [...loader].map((x) => x.toArray() as number[]);
      });
      const whole = ranksOf(after).map((world) => {
        const loader = loaderOf(world, 12 / after);
        loader.loadStateDict(
          reshard({ ...state, epoch: state.epoch && { ...state.epoch, batches: 0 } }, loader),
        );
        return [...loader].map((x) => x.toArray() as number[]);
      });
      const skipped = state.epoch?.batches ?? 0;
      expect(left).toEqual(whole.map((batches) => batches.slice(skipped)));
    },
  );

  it("says where a batch would be divided, and that a state has no shard", () => {
    const first = loaderOf(worldOf(0, 2), 1);
    for (const _ of first) break;
    const other = loaderOf(worldOf(0, 3), 4);
    expect(() => reshard(first.stateDict(), other)).toThrow(
      "reshard: 2 examples of the epoch are done, and 3 ranks do 12 at a time; choose a batchSize that, times 3, divides them",
    );
    expect(() => other.loadStateDict(first.stateDict())).toThrow(
      "sampler: prepareLoad: the state is of 2 ranks, the world has 3; pass the loader's state through reshard",
    );
    const plain = new DataLoader(numbers(24));
    expect(() => reshard(plain.stateDict(), other)).toThrow(
      "reshard: a loader has no shard; make both with sampler: shard(...)",
    );
  });
});
