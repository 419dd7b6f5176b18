import { provideAccelerator } from "../../src/accelerator";
import { createAccelerator } from "../../src/wasm/wasm-accelerator";
import { GuardedRuntime } from "./guarded-heap";

const MiB = 2 ** 20;

// The accelerator that is provided first is used: tests import this file before they import the library.
provideAccelerator(() => createAccelerator(new GuardedRuntime(64 * MiB, 8 * MiB)));
