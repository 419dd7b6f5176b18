import { type Tensor, tensor } from "@thalweg/tensor";

/** Points of the plane, each on one of two spirals. */
export interface Spirals {
  /** [points, 2], between -1 and 1. */
  readonly points: Tensor;
  /** [points, 1], 0 or 1. */
  readonly labels: Tensor;
}

/** Two interleaved spirals of `count` points each. */
export function spirals(count = 97, turns = 1.5): Spirals {
  const points: number[][] = [];
  const labels: number[][] = [];
  for (const label of [0, 1]) {
    for (let i = 0; i < count; i++) {
      const radius = 0.1 + (0.88 * i) / count;
      const angle = 2 * Math.PI * turns * (i / count) + Math.PI * label;
      points.push([radius * Math.cos(angle), radius * Math.sin(angle)]);
      labels.push([label]);
    }
  }
  return { points: tensor(points), labels: tensor(labels) };
}
