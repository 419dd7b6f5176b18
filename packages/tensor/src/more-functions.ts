// Written by `pnpm methods` from the functions in ops/more.ts; a test compares.
import { isInf, nanToNum } from "./ops/more";

/** The functions whose names are those of the methods. */
export const moreOperations = [isInf, nanToNum] as const;
