/** The longest time that an estimate looks back, in milliseconds. */
const longest = 30_000;

/**
 * The rate of a run: over the later half of its time, or its last seconds, so that the slow first
 * steps, which compile kernels, soon stop counting.
 */
export class Pace {
  private readonly start: number;
  private readonly seen: { readonly time: number; readonly done: number }[];
  /** Whether the rate covers more than the first steps. */
  isKnown = false;

  constructor(time: number, done: number) {
    this.start = time;
    this.seen = [{ time, done }];
  }

  add(time: number, done: number): void {
    const { seen } = this;
    this.isKnown = seen.length > 1;
    seen.push({ time, done });
    const from = Math.max(time - longest, (this.start + time) / 2);
    while (seen.length > 2 && seen[0]!.time < from) seen.shift();
  }

  /** Work per second; NaN at the start. */
  get rate(): number {
    const [first, last] = [this.seen[0]!, this.seen.at(-1)!];
    return (1000 * (last.done - first.done)) / (last.time - first.time);
  }
}
