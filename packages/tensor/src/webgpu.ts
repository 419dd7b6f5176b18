export type { GPUProvider } from "./backend/webgpu/find-gpu";
export { initWebGPU, type WebGPUOptions, type WebGPUSession } from "./backend/webgpu/init-webgpu";
export { ScalarReader, type ScalarReaderOptions } from "./backend/webgpu/scalar-reader";
