import { allocate } from "./allocate";
import { fit } from "./fit";
import type * as Gpu from "./gpu";
import { inWorker } from "./in-worker";
import { resume } from "./resume";
import { train } from "./train";
import { trainCompiled } from "./train-compiled";

/** The programs that pages and Node run; their results survive JSON. */
export const programs = {
  allocate,
  fit,
  inWorker,
  resume,
  train,
  trainCompiled,
  conform: async (...values: Parameters<typeof Gpu.conform>) => (await import("./gpu")).conform(...values),
  descendCompiled: async (...values: Parameters<typeof Gpu.descendCompiled>) =>
    (await import("./gpu")).descendCompiled(...values),
  descend: async (...values: Parameters<typeof Gpu.descend>) => (await import("./gpu")).descend(...values),
};
