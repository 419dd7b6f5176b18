/** What the threads tell each other: places in the first words of the memory. */
export const control = {
  /** Counts jobs; sleepers wait for it to change. */
  generation: 0,
  /** Whether the job can be joined. */
  open: 1,
  /** Threads that have joined, or are about to look whether they may. */
  active: 2,
  /** The first item that nobody has taken. */
  next: 3,
  kernel: 4,
  items: 5,
  /** Items that are taken at a time. */
  chunk: 6,
  /** Threads that wait to be woken. */
  asleep: 7,
  /** Threads that have started. */
  ready: 8,
  /** Whether a kernel failed on another thread. */
  failed: 9,
  /** Threads with this number or a higher one shall end. */
  count: 10,
  /** Word where the table of kernels begins: address and length of each. */
  table: 11,
  end: 12,
} as const;

/** Address of the arguments of a job, and room for them in words of four bytes. */
export const argumentsAddress = 1024;
export const argumentWords = 768;

/** Where small operands are put for the time of a kernel. */
export const stageAddress = argumentsAddress + 4 * argumentWords;
export const stageEnd = stageAddress + 64 * 1024;
