import "../../test/small-heap";
import { DeviceError, Layout } from "@thalweg/kernels";
import { clone, full, profile, randn, tensor } from "@thalweg/tensor";
import { expect, it } from "vitest";
import { accelerator, setWebAssembly } from "../accelerator";
import { memoryStats } from "../memory-stats";

const MiB = 2 ** 20;

it("continues in JavaScript, with right results, when the heap is full", () => {
  const [a, b] = [full([100_000], 1), full([100_000], 2)];
  const { result, kernels } = profile(() => a.add(b).add(a).add(b).mul(b));
  expect(result.dataSync().every((x) => x === 12)).toBe(true);
  expect(kernels.flatMap((row) => row.tiers).sort()).toContain("wasm");
  // This tensor is larger than the heap.
  const wide = full([600_000], 3);
  const late = profile(() => wide.mul(2));
  expect(late.kernels[0]!.tiers).toEqual(["js"]);
  expect(late.result.dataSync().every((x) => x === 6)).toBe(true);
  expect(memoryStats().reservedBytes).toBeLessThanOrEqual(2 * MiB);
});

it("multiplies without the memory that packing needs", () => {
  const [a, b] = [randn([300, 310]), randn([320, 310])];
  const product = a.matmul(b.transpose(0, 1));
  const before = setWebAssembly("never");
  expect(product.toArray()).toEqual(a.matmul(b.transpose(0, 1)).toArray());
  setWebAssembly(before);
});

it("adopts tensors that were made before it was there", () => {
  const before = setWebAssembly("never");
  const early = full([5000], 2);
  setWebAssembly(before);
  const { result, kernels } = profile(() => early.mul(3));
  expect(kernels[0]!.tiers).toEqual(["wasm"]);
  expect(result.dataSync()[4999]).toBe(6);
  early.add_(tensor(1));
  expect(early.dataSync()[0]).toBe(3);
  expect(accelerator()!.runtime.heap.counts.returns).toBeGreaterThan(0);
});

it("continues after the engine stopped a kernel", () => {
  const [x, out] = [full([2000], 2), full([2000], 0)];
  const outside = { storage: x.storage, layout: new Layout([2000], [2 ** 20]) };
  const run = () => x.storage.backend.map(clone.op.program, [out], [outside]);
  expect(run).toThrow(DeviceError);
  expect(run).toThrow(
    "cpu: a kernel failed, memory access out of bounds; this is a bug of the library: please report it",
  );
  const { result, kernels } = profile(() => x.mul(3));
  expect(kernels[0]!.tiers).toEqual(["wasm"]);
  expect(result.eq(6).all().item()).toBe(1);
});
