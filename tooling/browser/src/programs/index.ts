import { allocate } from "./allocate";
import { fit } from "./fit";
import { resume } from "./resume";
import { train } from "./train";

/** What pages and Node run: results are what JSON can hold. */
export const programs = { allocate, fit, resume, train };
