export { type CompileOptions, type Compiled, compile } from "./compile";
export type { Value } from "./values";
