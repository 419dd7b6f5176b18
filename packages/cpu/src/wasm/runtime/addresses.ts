/** What the threads tell each other: places in the first words of the memory. */
export const control = {
  /** Counts jobs; sleepers wait for it to change. */
  generation: 0,
  /** Whether the job can be joined. */
  open: 1,
  /** The first item that nobody has taken. */
  next: 2,
  kernel: 3,
  items: 4,
  /** Items that are taken at a time. */
  chunk: 5,
  /** Whether the job failed on another thread. */
  failed: 6,
  /** Threads with this number or a higher one shall end. */
  count: 7,
  /** Word where the table of kernels begins: address and length of each. */
  table: 8,
  /** What each thread does, by its number: one of {@link state}. */
  states: 64,
  end: 256,
} as const;

/** Numbers that threads can have: below this one. */
export const threadNumbers: number = control.end - control.states;

/** What a thread does. From `looking` on the job has to wait for it. */
export const state = {
  /** Nothing: it has ended, or there never was one. */
  none: 0,
  starting: 1,
  waiting: 2,
  /** Waits to be woken. */
  asleep: 3,
  /** Is about to see whether it may join the job, of which it has taken nothing yet. */
  looking: 4,
  working: 5,
} as const;

/** Address of the arguments of a job, and room for them in words of four bytes. */
export const argumentsAddress = 1024;
export const argumentWords = 768;

/** Where small operands are put for the time of a kernel. */
export const stageAddress = argumentsAddress + 4 * argumentWords;
export const stageEnd = stageAddress + 64 * 1024;
