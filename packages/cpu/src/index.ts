export { arrival, ready, setWebAssembly, type WebAssemblyUse } from "./accelerator";
export { cpuFloat32, cpuFloat64 } from "./cpu";
export { setCodeGeneration } from "./js/generate";
export { getThreads, type MemoryStats, memoryStats, setThreads } from "./settings";
