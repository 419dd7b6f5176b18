// Where code is read from a disk, WebAssembly is there from the start.
import "@thalweg/cpu/wasm";

export * from "./index";
