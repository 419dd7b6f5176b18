import { provideAccelerator } from "./backend/cpu/accelerator";
import { createAccelerator } from "./backend/cpu/wasm/wasm-accelerator";

provideAccelerator(createAccelerator);

export * from "./index";
