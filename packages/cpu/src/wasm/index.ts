export { createAccelerator } from "./wasm-accelerator";
