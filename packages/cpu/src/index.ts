export { arrival, ready, setWebAssembly, type WebAssemblyUse } from "./accelerator";
export { cpu } from "./cpu";
export { setCodeGeneration } from "./js/generate";
export { getThreads, type MemoryStats, memoryStats, setThreads } from "./settings";
