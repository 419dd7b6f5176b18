export { arrival, ready, setWebAssembly, type WebAssemblyUse } from "./accelerator";
export { cpu } from "./cpu";
export { type CollectorUse, setCollector } from "./heap/collector-use";
export { setCodeGeneration } from "./js/generate";
export { type MemoryStats, memoryStats } from "./memory-stats";
export { getThreads, setThreads } from "./threads";
