import { provideAccelerator } from "@thalweg/cpu";
import { createAccelerator } from "@thalweg/cpu/wasm";

provideAccelerator(createAccelerator);

export * from "./index";
