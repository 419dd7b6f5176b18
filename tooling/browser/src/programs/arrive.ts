import { DataLoader, ones, profile, ready, type Tensor, TensorDataset } from "thalweg";

/** The ways in which a loop yields between its steps, or, with `ready`, before it. */
export type Way = "nothing" | "ready" | "itemAsync" | "data" | "toArrayAsync" | "loader";

const ways: Record<Way, (x: Tensor) => unknown> = {
  nothing: () => Promise.resolve(),
  ready: () => undefined,
  itemAsync: (x) => x.select(0, 0).select(0, 0).itemAsync(),
  data: (x) => x.select(0, 0).data(),
  toArrayAsync: (x) => x.select(0, 0).toArrayAsync(),
  loader: async (x) => {
    for await (const _ of new DataLoader(new TensorDataset(x))) return;
  },
};

/**
 * Takes up to `most` steps, and yields between them only in the given way.
 *
 * @param wanted the beginning of a tier's name
 * @returns the step that this tier computed first, or null
 */
export async function arrive(way: Way, most: number, wanted: string): Promise<number | null> {
  const x = ones([128, 128]);
  if (way === "ready" && !(await ready())) return null;
  for (let step = 0; step < most; step++) {
    const { result, kernels } = profile(() => x.matmul(x));
    if (kernels[0]!.tiers.some((tier) => tier.startsWith(wanted))) return step;
    await ways[way](result);
  }
  return null;
}
