/** The words through which threads communicate, at the beginning of the memory. */
export const control = {
  /** Counts meetings; sleepers wait for it to change. */
  generation: 0,
  /** Whether the meeting can be joined. */
  open: 1,
  /** The first part of the jobs that no thread has taken. */
  next: 2,
  /** Number of parts. */
  parts: 3,
  /** Whether a job failed on another thread. */
  failed: 4,
  /** Threads with this number or a higher one end. */
  count: 5,
  /** The word at which the table of kernels begins: address and length of each. */
  table: 6,
  /** Whether threads that see a new generation sleep, without looking for work before. */
  rest: 7,
  /** A row of words about each job; behind them the number of parts. */
  rows: 8,
  /** The {@link state} of each thread, by its number. */
  states: 64,
  end: 256,
} as const;

/** The words of a row, of which the first is the number of parts of the jobs before. */
export const kernelWord = 1;
export const argumentsWord = 2;
export const itemsWord = 3;
/** The number of items of a part. */
export const chunkWord = 4;
/** Words of a row. */
export const rowLength = 5;

/** The jobs of a meeting, at most: as many as there is room for. */
export const maxJobs = 11;

/** All numbers of threads are below this one. */
export const threadNumbers: number = control.end - control.states;

/** The states of a thread. A meeting has to wait for a thread that is `looking` or `working`. */
export const state = {
  /** The thread has ended, or never existed. */
  none: 0,
  starting: 1,
  waiting: 2,
  /** Waits to be woken. */
  asleep: 3,
  /** Checks whether it may join the meeting, of whose jobs it has taken nothing yet. */
  looking: 4,
  working: 5,
} as const;

/** The address of the arguments of a job, and the space for them in words of four bytes. */
export const argumentsAddress = 1024;
export const argumentWords = 768;

/** The stage: memory for small operands while a kernel runs. */
export const stageAddress = argumentsAddress + 4 * argumentWords;
export const stageEnd = stageAddress + 64 * 1024;
