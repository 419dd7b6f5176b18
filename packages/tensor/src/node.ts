// Runtimes that load code from a disk have WebAssembly from the start.
import "@thalweg/cpu/wasm";

export * from "./index";
