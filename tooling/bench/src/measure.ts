/** Median time of one call in nanoseconds, over rounds that are long enough for the clock. */
export function medianTime(run: (count: number) => void, rounds = 15): number {
  let count = 1;
  for (let took = 0; took < 20; count *= 2) {
    const start = performance.now();
    run(count);
    took = performance.now() - start;
  }
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    run(count);
    times.push(((performance.now() - start) * 1e6) / count);
  }
  return times.sort((a, b) => a - b)[rounds >> 1]!;
}
