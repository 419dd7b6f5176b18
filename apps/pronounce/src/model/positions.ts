import { arange, cat, type Tensor } from "thalweg";

/** The slowest wave is so many times as long as the quickest. */
const base = 10_000;

/** Angles [positions, waves]: waves that get slower from the first to the last (Vaswani et al., 2017). */
function angles(first: number, count: number, waves: number, device: string): Tensor {
  const place = { device };
  const speeds = arange(waves, place)
    .mul(-Math.log(base) / waves)
    .exp();
  return arange(first, first + count, place)
    .unsqueeze(1)
    .mul(speeds);
}

/** Vectors of positions [count, width] that are not learned: sines, then cosines. */
export function sinusoids(first: number, count: number, width: number, device: string): Tensor {
  const turned = angles(first, count, width / 2, device);
  return cat([turned.sin(), turned.cos()], 1);
}

/**
 * Turns queries or keys [batch, heads, positions, width] by an angle that grows with the position, so that their products
 * depend on distances alone (Su et al., 2021).
 */
export function rotated(x: Tensor, first: number): Tensor {
  const [count, width] = x.shape.slice(-2) as [number, number];
  const turn = angles(first, count, width / 2, x.device);
  const [sin, cos] = [turn.sin(), turn.cos()];
  const [a, b] = x.chunk(2, -1) as [Tensor, Tensor];
  return cat([a.mul(cos).sub(b.mul(sin)), b.mul(cos).add(a.mul(sin))], -1);
}
