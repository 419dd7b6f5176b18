/** Exports that the library's own packages share. They are not for programs, and may change in any version. */
export { combinerSources, intCombinerSources } from "./combiners";
export { compile as compileKernel, emit } from "./js/emit";
export { canGenerateCode } from "./js/generate";
export { block, combineLanes, depth, laneCount } from "./order";
