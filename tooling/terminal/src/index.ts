/** The common parts of the programs in `apps`: how they read arguments, print, and end. */
export { makeApp } from "./app";
export { commandLine, fileName, parse, positive, whole } from "./arguments";
export { checkFolder, complaint, Divergence, explained, Interruption, UsageError } from "./failure";
export { type Moment, Progress } from "./progress";
export { runInTerminal, type Stream, type Terminal } from "./terminal";
