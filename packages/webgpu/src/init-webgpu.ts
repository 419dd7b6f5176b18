import { DeviceError, registerBackend } from "@thalweg/kernels";
import { findGPU, type GPUProvider, missingAdapter } from "./device/find-gpu";
import { Gpu } from "./device/gpu";
import { WebGPUBackend } from "./webgpu-backend";

/** Options of {@link initWebGPU}. */
export interface WebGPUOptions {
  /** Preference among several GPUs; `"high-performance"` unless given. */
  readonly powerPreference?: "high-performance" | "low-power";
  /** Use an adapter that computes on the CPU, for tests; false unless given. */
  readonly forceFallbackAdapter?: boolean;
  /** The implementation to use; `navigator.gpu` or, in Node, that of the package `webgpu` unless given. */
  readonly gpu?: GPUProvider;
}

/** A device that is in use. */
export interface WebGPUSession {
  /** Names of the adapter; empty where the platform hides them. */
  readonly adapter: {
    readonly vendor: string;
    readonly architecture: string;
    readonly device: string;
    readonly description: string;
  };
  /** Size limit of one tensor in bytes. */
  readonly largestTensor: number;
  /** Kernel launches, submitted batches of commands, and compiled kernels so far. */
  readonly counts: { readonly dispatches: number; readonly submits: number; readonly kernels: number };
  /** Resolves when the device is lost, with the error that operations throw from then on. */
  readonly lost: Promise<Error>;
  /** Releases the device. Its tensors cannot be used any more. {@link initWebGPU} then opens a new session. */
  destroy(): void;
}

let current: Promise<WebGPUSession> | null = null;

/** Keeps providers alive: a native implementation shuts down with its object, even while it has work to do. */
const providers = new Set<GPUProvider>();

/**
 * Makes the device `"webgpu"` available. It requests a GPU with the largest buffers that the adapter allows. A second
 * call returns the same session, or a new one after that was lost. Normal random numbers are drawn on the CPU and
 * copied. The device computes everything else.
 *
 * @throws DeviceError when WebGPU itself, an adapter, a driver, or in Node the package `webgpu` is missing. The message
 * tells how to get it.
 * @example
 * await initWebGPU();
 * const x = tensor([1, 2, 3], { device: "webgpu" });
 * await x.square().toArrayAsync(); // → [1,4,9]
 */
export function initWebGPU(options: WebGPUOptions = {}): Promise<WebGPUSession> {
  if (current === null) {
    const started = start(options);
    const forget = () => {
      if (current === started) current = null;
    };
    current = started;
    started.then(({ lost }) => lost.then(forget), forget);
  }
  return current;
}

async function start({ gpu, ...options }: WebGPUOptions): Promise<WebGPUSession> {
  const provider = gpu ?? (await findGPU());
  providers.add(provider);
  const adapter = (await provider.requestAdapter({
    powerPreference: "high-performance",
    ...options,
  })) as GPUAdapter | null;
  if (adapter === null) throw missingAdapter();
  const device = await deviceOf(adapter);
  const state = new Gpu(device, !isSoftware(adapter));
  registerBackend(new WebGPUBackend(state));
  const { vendor, architecture, device: name, description } = adapter.info;
  return {
    adapter: { vendor, architecture, device: name, description },
    largestTensor: state.largest,
    counts: state.recorder.counts,
    lost: state.faults.lost,
    destroy: () => device.destroy(),
  };
}

/** Whether the adapter computes on the CPU. Implementations have the flag on the adapter or on its info. */
function isSoftware(adapter: GPUAdapter): boolean {
  const { isFallbackAdapter } = adapter.info as { isFallbackAdapter?: boolean };
  return isFallbackAdapter ?? (adapter as { isFallbackAdapter?: boolean }).isFallbackAdapter ?? false;
}

/** Requests a device with the adapter's limits for buffers. */
async function deviceOf(adapter: GPUAdapter): Promise<GPUDevice> {
  const { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage } = adapter.limits;
  try {
    return await adapter.requestDevice({
      requiredLimits: { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage },
    });
  } catch (error) {
    throw new DeviceError(
      "initWebGPU",
      `the adapter gave no device, ${(error as Error).message}`,
      "close other programs that use the GPU, or try again",
    );
  }
}
