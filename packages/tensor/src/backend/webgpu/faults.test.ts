import { expect, it } from "vitest";
import { describeGPU, session } from "../../../test/gpu";
import { Layout } from "../../layout/layout";
import { findGPU } from "./find-gpu";
import { Gpu } from "./gpu";
import { WebGPUBackend } from "./webgpu-backend";

/** A backend of its own, whose device fails as told. */
async function backendOn(change: (device: GPUDevice) => void): Promise<{ gpu: Gpu; backend: WebGPUBackend }> {
  const adapter = (await (await findGPU()).requestAdapter()) as GPUAdapter;
  const device = await adapter.requestDevice();
  change(device);
  const gpu = new Gpu(device, false);
  return { gpu, backend: new WebGPUBackend(gpu) };
}

describeGPU("what goes wrong on the device", () => {
  it("is told by the next read or operation: memory that there is not", async () => {
    expect(session).not.toBeNull();
    const { backend } = await backendOn((device) => {
      device.popErrorScope = () => Promise.resolve({ message: "no" } as GPUError);
    });
    const storage = backend.allocate(2 ** 20);
    const layout = new Layout([1], [1]);
    await expect(backend.read({ storage, layout })).rejects.toThrow(
      /^webgpu: the device is out of memory, 4194304 bytes were wanted and \d+ are taken; use smaller batches, or let tensors go: await now and then, so that the collector can work, or dispose of them with `using`$/,
    );
  });

  it("is told by the next read or operation: a kernel that does not compile", async () => {
    const { gpu, backend } = await backendOn(() => {});
    gpu.kernel({ name: "wrong", bindings: [], fields: ["n: u32"], threads: 64, body: "not a statement" });
    const storage = await Promise.resolve()
      .then(() => backend.allocate(1))
      .catch((error: Error) => error);
    const failure =
      storage instanceof Error
        ? storage
        : await backend.read({ storage, layout: new Layout([1], [1]) }).catch((error: Error) => error);
    expect((failure as Error).message).toMatch(/^internal: the device refused a command: .*not a statement/s);
  });
});
