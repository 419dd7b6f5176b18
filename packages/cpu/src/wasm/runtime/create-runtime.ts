import { webAssembly } from "./platform";
import { Runtime } from "./runtime";

const MiB = 2 ** 20;

/** The maxima of memory to ask for, until the engine accepts one. Addresses have to stay below 2³¹. */
const maxima = [2047 * MiB, 512 * MiB, 64 * MiB];

/** The memory that tensors may take before cold ones are written back. It grows when they are needed again. */
const budget = 256 * MiB;

/** A module with one function that adds two vectors, to test whether the engine supports SIMD. */
const simdModule = [
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x06, 0x01, 0x60, 0x01, 0x7b, 0x01, 0x7b, 0x03, 0x02,
  0x01, 0x00, 0x0a, 0x0b, 0x01, 0x09, 0x00, 0x20, 0x00, 0x20, 0x00, 0xfd, 0xe4, 0x01, 0x0b,
];

/** The best runtime that the engine allows, with memory that threads share if possible; null without SIMD. */
export function createRuntime(): Runtime | null {
  if (!canCompile()) return null;
  for (const shared of canShare() ? [true, false] : [false]) {
    for (const maximum of maxima) {
      try {
        return new Runtime({ shared, maximum, budget });
      } catch {
        // The next maximum is smaller.
      }
    }
  }
  return null;
}

/** Whether the engine compiles the SIMD module; a Content-Security-Policy can forbid that, too. */
function canCompile(): boolean {
  if (webAssembly === undefined) return false;
  try {
    new webAssembly.Module(new Uint8Array(simdModule));
    return true;
  } catch {
    return false;
  }
}

/** Whether workers can share memory. Pages that are not isolated can make shared memory, but not send it to a worker. */
function canShare(): boolean {
  return (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated !== false;
}
