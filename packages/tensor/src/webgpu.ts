export { initWebGPU } from "./backend/webgpu/init-webgpu";
