import { provideAccelerator } from "../../src/accelerator";
import { createAccelerator } from "../../src/wasm/wasm-accelerator";
import { GuardedRuntime } from "./guarded-heap";

const MiB = 2 ** 20;

/** What the library computes with, since it is provided before the library's own. */
export const runtime = new GuardedRuntime(64 * MiB, 8 * MiB);
provideAccelerator(() => createAccelerator(runtime));
