/** Exports that the library's own packages share. They are not for programs, and may change in any version. */
export { argScan } from "./axis-kernels";
export { combinerSources, intCombinerSources } from "./combiners";
export { compile as compileKernel, emit, literal } from "./js/emit";
export { canGenerateCode } from "./js/generate";
export { minMap, minMatmul, minReduce } from "./narrow";
export { block, combineLanes, depth, laneCount } from "./order";
export { allocateInHeap, prepareCalls } from "./program/prepare";
export { scatter } from "./scatter";
export { type Gemm, type Matrix, setGemm } from "./wasm/matmul/gemm";
