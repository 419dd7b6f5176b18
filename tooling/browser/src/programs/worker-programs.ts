import { arrive } from "./arrive";
import { trainCompiled } from "./train-compiled";

/** The programs that run in workers. */
export const workerPrograms = { arrive, trainCompiled };

type Programs = typeof workerPrograms;

/** The name of a program that runs in workers, and its arguments. */
export type Call = { [Name in keyof Programs]: [Name, ...Parameters<Programs[Name]>] }[keyof Programs];
