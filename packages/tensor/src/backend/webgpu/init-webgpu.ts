import { DeviceError } from "../../errors";
import { registerBackend } from "../devices";
import { Gpu } from "./gpu";
import { WebGPUBackend } from "./webgpu-backend";

export async function initWebGPU(options: { gpu?: unknown } = {}): Promise<void> {
  const { create } = await import("webgpu");
  const gpu = (options.gpu as GPU | undefined) ?? create([]); (globalThis as any).keepgpu = gpu;
  const adapter = await gpu.requestAdapter();
  if (adapter === null) throw new DeviceError("initWebGPU", "no adapter");
  const device = await adapter.requestDevice();
  registerBackend(new WebGPUBackend(new Gpu(device)));
}
