/** The schedules that a figure offers. */
export const scheduleNames = [
  "constant",
  "step",
  "exponential",
  "cosine",
  "warmup",
  "restarts",
  "oneCycle",
  "cyclic",
  "plateau",
] as const;

/** The name of a schedule. */
export type ScheduleName = (typeof scheduleNames)[number];
