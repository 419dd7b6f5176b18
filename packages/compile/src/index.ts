export { type Compiled, type CompileOptions, compile } from "./compile";
export type { Explanation, KernelDescription, ProgramDescription } from "./explain";
export type { Value } from "./values";
