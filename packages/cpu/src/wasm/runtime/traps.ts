import { DeviceError } from "@thalweg/kernels";

/** The error of a kernel as the library reports it: where the engine stopped the kernel, that is a bug of the library. */
export function reported(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== "RuntimeError") return error;
  return new DeviceError(
    "cpu",
    `a kernel failed, ${error.message}`,
    "this is a bug of the library: please report it",
  );
}
