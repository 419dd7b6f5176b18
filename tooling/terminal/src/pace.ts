/** Milliseconds that an estimate looks back at most. */
const longest = 30_000;

/**
 * How fast a run goes: what was done in the later half of its time, or in its last seconds, so that the first
 * steps, which compile what the others use, do not count for long.
 */
export class Pace {
  private readonly start: number;
  private readonly seen: { readonly time: number; readonly done: number }[];
  /** Whether it is more than the first steps that the rate comes from. */
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

  /** What is done in a second; NaN before anything was. */
  get rate(): number {
    const [first, last] = [this.seen[0]!, this.seen.at(-1)!];
    return (1000 * (last.done - first.done)) / (last.time - first.time);
  }
}
