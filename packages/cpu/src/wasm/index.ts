import { provideAccelerator } from "../accelerator";
import { createAccelerator } from "./wasm-accelerator";

provideAccelerator(createAccelerator);

export * from "../index";
