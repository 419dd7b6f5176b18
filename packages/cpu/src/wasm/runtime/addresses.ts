/** The words through which threads communicate, at the beginning of the memory. */
export const control = {
  /** Counts jobs; sleepers wait for it to change. */
  generation: 0,
  /** Whether the job can be joined. */
  open: 1,
  /** The first item that no thread has taken. */
  next: 2,
  kernel: 3,
  items: 4,
  /** The number of items that a thread takes at a time. */
  chunk: 5,
  /** Whether the job failed on another thread. */
  failed: 6,
  /** Threads with this number or a higher one end. */
  count: 7,
  /** The word at which the table of kernels begins: address and length of each. */
  table: 8,
  /** The address of the arguments of the job. */
  arguments: 9,
  /** The {@link state} of each thread, by its number. */
  states: 64,
  end: 256,
} as const;

/** All numbers of threads are below this one. */
export const threadNumbers: number = control.end - control.states;

/** The states of a thread. A job has to wait for a thread that is `looking` or `working`. */
export const state = {
  /** The thread has ended, or never existed. */
  none: 0,
  starting: 1,
  waiting: 2,
  /** Waits to be woken. */
  asleep: 3,
  /** Checks whether it may join the job, of which it has taken nothing yet. */
  looking: 4,
  working: 5,
} as const;

/** The address of the arguments of a job, and the space for them in words of four bytes. */
export const argumentsAddress = 1024;
export const argumentWords = 768;

/** The stage: memory for small operands while a kernel runs. */
export const stageAddress = argumentsAddress + 4 * argumentWords;
export const stageEnd = stageAddress + 64 * 1024;
