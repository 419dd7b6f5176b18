const rotations = [13, 15, 26, 6, 17, 29, 16, 24];

/**
 * Threefry-2x32 with 20 rounds (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011):
 * two random 32-bit words for each value of a 64-bit counter. Writes them to `out[0]` and `out[1]`.
 */
export function threefry(key0: number, key1: number, count0: number, count1: number, out: Uint32Array): void {
  const key2 = key0 ^ key1 ^ 0x1bd11bda;
  const keys = [key0, key1, key2];
  let x = (count0 + key0) | 0;
  let y = (count1 + key1) | 0;
  for (let round = 0; round < 20; round++) {
    x = (x + y) | 0;
    const r = rotations[round & 7]!;
    y = ((y << r) | (y >>> (32 - r))) ^ x;
    if ((round & 3) === 3) {
      const inject = (round >> 2) + 1;
      x = (x + keys[inject % 3]!) | 0;
      y = (y + keys[(inject + 1) % 3]! + inject) | 0;
    }
  }
  out[0] = x;
  out[1] = y;
}
