import { provideAccelerator } from "../src/accelerator";
import { Runtime } from "../src/wasm/runtime/runtime";
import { createAccelerator } from "../src/wasm/wasm-accelerator";

/** Provides a heap that is soon full, before the library makes its own. */
const MiB = 2 ** 20;
provideAccelerator(() => createAccelerator(new Runtime({ shared: false, maximum: 2 * MiB, budget: MiB })));
