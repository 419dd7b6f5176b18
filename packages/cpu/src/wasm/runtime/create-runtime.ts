import { webAssembly } from "./platform";
import { Runtime } from "./runtime";

const MiB = 2 ** 20;

/** Most memory to ask for, until the engine agrees. Addresses have to stay below 2³¹. */
const maxima = [2047 * MiB, 512 * MiB, 64 * MiB];

/** What tensors may take before cold ones are written back; it grows when they are needed again. */
const budget = 256 * MiB;

/** A module of one function that adds two vectors, to see whether the engine knows them. */
const simdModule = [
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x06, 0x01, 0x60, 0x01, 0x7b, 0x01, 0x7b, 0x03, 0x02,
  0x01, 0x00, 0x0a, 0x0b, 0x01, 0x09, 0x00, 0x20, 0x00, 0x20, 0x00, 0xfd, 0xe4, 0x01, 0x0b,
];

/** A runtime as good as the engine allows: memory that threads share, if it can be had; null without SIMD. */
export function createRuntime(): Runtime | null {
  if (!canCompile()) return null;
  for (const shared of canShare() ? [true, false] : [false]) {
    for (const maximum of maxima) {
      try {
        return new Runtime({ shared, maximum, budget });
      } catch {
        // Less, then.
      }
    }
  }
  return null;
}

/** A Content-Security-Policy can forbid to compile what is valid. */
function canCompile(): boolean {
  if (webAssembly === undefined) return false;
  try {
    new webAssembly.Module(new Uint8Array(simdModule));
    return true;
  } catch {
    return false;
  }
}

/** Pages that are not isolated can have shared memory, but cannot give it to a worker. */
function canShare(): boolean {
  return (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated !== false;
}
