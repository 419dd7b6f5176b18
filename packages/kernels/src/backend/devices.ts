import { DeviceError, describe } from "../errors";
import type { DType } from "../scalar/dtype";
import type { Backend, DeviceMemory } from "./backend";

const backends = new Map<string, Backend>();
let defaultDevice = "cpu";

const missing = "; webgpu is available after `await initWebGPU()` from @thalweg/tensor/webgpu";

/** Makes a backend available under the name of its device. */
export function registerBackend(backend: Backend): void {
  backends.set(backend.device, backend);
}

/** The backend of `device`; throws a DeviceError that names `op` unless the device exists and has the type `dtype`. */
export function backendFor(op: string, device: string = defaultDevice, dtype: DType = "float32"): Backend {
  const backend = backends.get(device);
  if (backend === undefined) {
    throw new DeviceError(
      op,
      `there is no device "${device}"`,
      `available: ${[...backends.keys()].join(", ")}${device === "webgpu" ? missing : ""}`,
    );
  }
  if (backend.dtypes.includes(dtype)) return backend;
  throw new DeviceError(op, `${device} has no ${dtype}`, `it has ${backend.dtypes.join(", ")}`);
}

/** The memory that tensors take, for each device that has memory of its own. */
export function deviceMemory(): Record<string, DeviceMemory> {
  const all: Record<string, DeviceMemory> = {};
  for (const { device, deviceMemory } of backends.values()) if (deviceMemory) all[device] = deviceMemory;
  return all;
}

/** The device on which tensors are created from now on, unless an option says otherwise. */
export function setDefaultDevice(device: string): void {
  if (typeof device !== "string") {
    throw new DeviceError("setDefaultDevice", `a device is a name, got ${describe(device)}`, 'write "cpu"');
  }
  backendFor("setDefaultDevice", device);
  defaultDevice = device;
}
