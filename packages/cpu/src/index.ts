export { arrival, provideAccelerator, ready, setWebAssembly, type WebAssemblyUse } from "./accelerator";
export { cpuFloat32, cpuFloat64 } from "./cpu";
export { CpuBackend } from "./cpu-backend";
export { float32Memory, float32Tier } from "./float32";
export { setCodeGeneration } from "./js/generate";
export { getThreads, type MemoryStats, memoryStats, setThreads } from "./settings";
