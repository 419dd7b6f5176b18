import { DeviceError } from "@thalweg/kernels";

/** A source of adapters: `navigator.gpu`, or the result of `create()` of the package `webgpu`. */
export interface GPUProvider {
  /** Resolves to an adapter, or to null if there is none. */
  requestAdapter(options?: object): Promise<unknown>;
}

/** Loads WebGPU on platforms where it is a package. */
let load: (() => Promise<GPUProvider>) | null = null;
let loaded: Promise<GPUProvider> | null = null;

/** Sets the source of WebGPU on platforms that have none of their own. */
export function provideGPU(from: () => Promise<GPUProvider>): void {
  load = from;
}

/** The globals that are read here. Not every platform has them. */
interface Platform {
  readonly navigator?: { readonly gpu?: GPUProvider };
  readonly isSecureContext?: boolean;
}

/** Returns the platform's WebGPU, or that of the package. */
export async function findGPU(): Promise<GPUProvider> {
  const { navigator, isSecureContext } = globalThis as Platform;
  if (navigator?.gpu) return navigator.gpu;
  if (load === null) {
    throw new DeviceError(
      "initWebGPU",
      "WebGPU is not available, navigator.gpu is missing",
      isSecureContext === false
        ? "pages get it only in a secure context: serve this one over https, or from localhost"
        : "use a browser that supports it, or compute on the CPU",
    );
  }
  try {
    loaded ??= load();
    return await loaded;
  } catch (error) {
    loaded = null;
    const { code, message } = error as { code?: string; message: string };
    if (code === "ERR_MODULE_NOT_FOUND") {
      throw new DeviceError(
        "initWebGPU",
        'Node has no WebGPU of its own, and the package "webgpu" is not installed',
        "install it: npm install webgpu",
      );
    }
    throw new DeviceError(
      "initWebGPU",
      `the package "webgpu" could not be loaded, ${message}`,
      "reinstall it on the system where it runs",
    );
  }
}

/** The error for a platform without an adapter. */
export function missingAdapter(): DeviceError {
  if (load === null) {
    return new DeviceError(
      "initWebGPU",
      "WebGPU found no adapter, the browser has no GPU that it may use",
      "turn on hardware acceleration in its settings, and look at chrome://gpu or about:support",
    );
  }
  return new DeviceError(
    "initWebGPU",
    "WebGPU found no adapter, on Linux it needs libvulkan.so.1 and the Vulkan driver of a GPU",
    "install them (on Debian: libvulkan1 and mesa-vulkan-drivers), or name a driver in VK_DRIVER_FILES",
  );
}
