import * as T from "@thalweg/tensor";
import { afterEach, describe, expect, it, vi } from "vitest";
import { describeGPU } from "../test/gpu";
import { initWebGPU } from "./init-webgpu";

const on = { device: "webgpu" };

describeGPU("the device", () => {
  it("is the same one, however often it is requested", async () => {
    const [a, b] = await Promise.all([initWebGPU(), initWebGPU()]);
    expect(a).toBe(b);
    expect(a.largestTensor).toBeGreaterThan(2 ** 27);
    expect(a.adapter.vendor).toBeTypeOf("string");
  });

  it("can be the default device of new tensors", async () => {
    T.setDefaultDevice("webgpu");
    try {
      const x = T.zeros([2]);
      expect(x.device).toBe("webgpu");
      expect(await x.add(1).toArrayAsync()).toEqual([1, 1]);
    } finally {
      T.setDefaultDevice("cpu");
    }
  });

  const at = ({ device }: { device: string }) => ({ device });
  const creations: [string, (options: { device: string; generator: T.Generator }) => T.Tensor][] = [
    ["zeros", (o) => T.zeros([2, 3], at(o))],
    ["ones", (o) => T.ones([3], at(o))],
    ["full", (o) => T.full([2, 2], 1.5, at(o))],
    ["empty", (o) => T.empty([2], at(o))],
    ["eye", (o) => T.eye(3, 4, at(o))],
    ["arange", (o) => T.arange(1, 6, { ...at(o), step: 0.5 })],
    ["linspace", (o) => T.linspace(-1, 1, 7, at(o))],
    ["rand", (o) => T.rand([5, 3], o)],
    ["randn", (o) => T.randn([5, 3], o)],
    ["randint", (o) => T.randint([20], -3, 9, o)],
    ["randperm", (o) => T.randperm(9, o)],
    ["bernoulli", (o) => T.bernoulli([20], 0.3, o)],
    ["bernoulli of probabilities", (o) => T.bernoulli(T.tensor([0.2, 0.5, 0.9], at(o)), o)],
    ["zerosLike", (o) => T.zerosLike(T.ones([2], at(o)))],
    ["fullLike", (o) => T.fullLike(T.ones([2, 1], at(o)), -2)],
    ["randLike", (o) => T.randLike(T.ones([2, 3], at(o)), { generator: o.generator })],
    [
      "tensor",
      (o) =>
        T.tensor(
          [
            [1, 2],
            [3, 4],
          ],
          at(o),
        ),
    ],
  ];

  it.each(creations)("creates the same tensors as the CPU: %s", async (_, create) => {
    const there = create({ ...on, generator: new T.Generator(5) });
    const here = create({ device: "cpu", generator: new T.Generator(5) });
    expect([there.device, there.shape]).toEqual(["webgpu", here.shape]);
    expect(await there.data()).toEqual(here.dataSync());
  });

  it("cannot be mixed with other devices", () => {
    const [here, there] = [T.ones([2]), T.ones([2], on)];
    const text = 'move one with .to("webgpu")';
    expect(() => here.mul(there)).toThrow(`mul: operands are on different devices, cpu and webgpu; ${text}`);
    expect(() => there.copy_(here)).toThrow(
      `copy_: operands are on different devices, webgpu and cpu; ${text}`,
    );
  });

  it("cannot be read synchronously", () => {
    const x = T.ones([1], on);
    const text =
      "a tensor on webgpu cannot be read synchronously, the device answers later; use `await x.data()`, or `itemAsync`, `toArrayAsync` or `toAsync`";
    const reads = {
      item: () => x.item(),
      toArray: () => x.toArray(),
      dataSync: () => x.dataSync(),
      toString: () => String(x),
      to: () => x.to("cpu"),
    };
    for (const [op, read] of Object.entries(reads)) {
      expect(read).toThrow(T.DeviceError);
      expect(read).toThrow(`${op}: ${text}`);
    }
  });

  it("names the tensor that is too large, and the limit", () => {
    expect(() => T.zeros([2 ** 20, 2 ** 10], on)).toThrow(
      /^zeros: a tensor is too large for the device, shape \[1048576, 1024\] takes 4294967296 bytes and max(StorageBufferBinding|Buffer)Size is \d+; split it, or compute it on the CPU$/,
    );
  });

  it("has no float64", () => {
    expect(() => T.zeros([1], { ...on, dtype: "float64" })).toThrow(
      "zeros: webgpu has no float64; it has float32, int32, bool",
    );
  });

  describe("after it was lost", () => {
    const lost =
      "webgpu: the device was lost, it was destroyed; call initWebGPU() again, and create the tensors again";

    it("rejects pending and later reads, refuses operations, and can be replaced", async () => {
      const session = await initWebGPU();
      const x = T.ones([4], on);
      const reads = [x.add(1).data(), x.itemAsync().catch((error) => Promise.reject(error))];
      session.destroy();
      await expect(reads[0]).rejects.toThrow(T.DeviceError);
      await expect(reads[0]).rejects.toThrow(lost);
      await expect(reads[1]).rejects.toThrow();
      expect((await session.lost).message).toBe(lost);
      await expect(x.data()).rejects.toThrow(lost);
      expect(() => x.add(1)).toThrow(lost);
      const next = await initWebGPU();
      expect(next).not.toBe(session);
      expect(await T.ones([2], on).add(1).toArrayAsync()).toEqual([2, 2]);
      expect(() => x.add(T.ones([4], on))).toThrow(
        "add: operands are of two sessions of webgpu, before and after it was lost; create them again",
      );
    });
  });
});

describe("initWebGPU without a device", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  /** The module in its initial state. */
  async function fresh() {
    vi.resetModules();
    const { initWebGPU } = await import("./init-webgpu");
    const { provideGPU } = await import("./device/find-gpu");
    return { initWebGPU, provideGPU };
  }

  it("rejects where the platform has no WebGPU", async () => {
    const { initWebGPU } = await fresh();
    await expect(initWebGPU()).rejects.toThrow(
      "initWebGPU: WebGPU is not available, navigator.gpu is missing; use a browser that supports it, or compute on the CPU",
    );
  });

  it("rejects where the page is not secure", async () => {
    vi.stubGlobal("isSecureContext", false);
    const { initWebGPU } = await fresh();
    await expect(initWebGPU()).rejects.toThrow(
      "initWebGPU: WebGPU is not available, navigator.gpu is missing; pages get it only in a secure context: serve this one over https, or from localhost",
    );
  });

  it("rejects where the package is not installed", async () => {
    const { initWebGPU, provideGPU } = await fresh();
    provideGPU(() =>
      Promise.reject(Object.assign(new Error("no such package"), { code: "ERR_MODULE_NOT_FOUND" })),
    );
    await expect(initWebGPU()).rejects.toThrow(
      'initWebGPU: Node has no WebGPU of its own, and the package "webgpu" is not installed; install it: npm install webgpu',
    );
  });

  it("rejects where the package cannot be loaded", async () => {
    const { initWebGPU, provideGPU } = await fresh();
    provideGPU(() => Promise.reject(new Error("wrong ELF class")));
    await expect(initWebGPU()).rejects.toThrow(
      'initWebGPU: the package "webgpu" could not be loaded, wrong ELF class; reinstall it on the system where it runs',
    );
  });

  it("rejects without a driver, and without a GPU", async () => {
    const none = { requestAdapter: async () => null };
    const node = await fresh();
    node.provideGPU(async () => none);
    await expect(node.initWebGPU()).rejects.toThrow(
      "initWebGPU: WebGPU found no adapter, on Linux it needs libvulkan.so.1 and the Vulkan driver of a GPU; install them (on Debian: libvulkan1 and mesa-vulkan-drivers), or name a driver in VK_DRIVER_FILES",
    );
    vi.stubGlobal("navigator", { gpu: none });
    const browser = await fresh();
    await expect(browser.initWebGPU()).rejects.toThrow(
      "initWebGPU: WebGPU found no adapter, the browser has no GPU that it may use; turn on hardware acceleration in its settings, and look at chrome://gpu or about:support",
    );
  });

  it("rejects where the adapter refuses, and asks again the next time", async () => {
    const { initWebGPU } = await fresh();
    let calls = 0;
    const adapter = { limits: {}, info: {}, requestDevice: () => Promise.reject(new Error("busy")) };
    const gpu = {
      async requestAdapter() {
        calls++;
        return adapter;
      },
    };
    for (let i = 0; i < 2; i++) {
      await expect(initWebGPU({ gpu })).rejects.toThrow(
        "initWebGPU: the adapter gave no device, busy; close other programs that use the GPU, or try again",
      );
    }
    expect(calls).toBe(2);
  });
});
