/** Longer than the compiler takes to see what is hot. */
const warmUp = 1000;

/** How long one round lasts, in milliseconds. */
const round = 50;

/** Median time of one call in nanoseconds, once the code is warm. */
export function medianTime(run: (count: number) => void, rounds = 15): number {
  const timed = (count: number) => {
    const start = performance.now();
    run(count);
    return performance.now() - start;
  };
  let count = 1;
  for (let total = 0; total < warmUp; ) {
    const took = timed(count);
    total += took;
    count = Math.max(1, Math.min(2 * count, Math.round((count * round) / took)));
  }
  const times = Array.from({ length: rounds }, () => (timed(count) * 1e6) / count);
  return times.sort((a, b) => a - b)[rounds >> 1]!;
}
