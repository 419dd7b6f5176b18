import { Layout } from "@thalweg/kernels";
import { expect, it } from "vitest";
import { describeGPU } from "../../test/gpu";
import { WebGPUBackend } from "../webgpu-backend";
import { findGPU } from "./find-gpu";
import { Gpu } from "./gpu";

/** Opens a device and a backend for one test. */
async function open(): Promise<{ gpu: Gpu; backend: WebGPUBackend }> {
  const adapter = (await (await findGPU()).requestAdapter()) as GPUAdapter;
  const device = await adapter.requestDevice();
  const gpu = new Gpu(device, false);
  return { gpu, backend: new WebGPUBackend(gpu) };
}

describeGPU("an error on the device", () => {
  it("is thrown by the next read or operation when memory runs out", async () => {
    const { gpu, backend } = await open();
    gpu.device.popErrorScope = () => Promise.resolve({ message: "no" } as GPUError);
    const storage = backend.allocate("float32", 2 ** 20);
    const layout = new Layout([1], [1]);
    await expect(backend.read({ storage, layout })).rejects.toThrow(
      /^webgpu: the device is out of memory, shape \[1048576\] takes 4194304 bytes and \d+ are in use; use smaller batches, or let tensors go: await now and then, so that the collector can work, or dispose of them with `using`$/,
    );
  });

  it("is thrown by the next read or operation when a kernel does not compile", async () => {
    const { gpu, backend } = await open();
    gpu.kernel({ name: "wrong", bindings: [], fields: ["n: u32"], body: "not a statement" });
    const read = async () =>
      backend.read({ storage: backend.allocate("float32", 1), layout: new Layout([1], [1]) });
    await expect(read()).rejects.toThrow(/^internal: the device refused a command: .*not a statement/s);
  });
});
