export type { GPUProvider } from "./device/find-gpu";
export { initWebGPU, type WebGPUOptions, type WebGPUSession } from "./init-webgpu";
export { ScalarReader, type ScalarReaderOptions } from "./scalar-reader";
