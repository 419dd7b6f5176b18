import { provideAccelerator } from "../src/accelerator";
import { Runtime } from "../src/wasm/runtime/runtime";
import { createAccelerator } from "../src/wasm/wasm-accelerator";

/** Before the library comes with one of its own: a heap that is soon full. */
const MiB = 2 ** 20;
provideAccelerator(() => createAccelerator(new Runtime({ shared: false, maximum: 2 * MiB, budget: MiB })));
