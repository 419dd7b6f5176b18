import { type Tensor, tensor } from "@thalweg/tensor";
import { expect, it } from "vitest";
import { describeGPU, session } from "../test/gpu";
import { ScalarReader } from "./scalar-reader";

async function collect(reader: ScalarReader, tensors: readonly Tensor[]): Promise<number[]> {
  const seen: number[] = [];
  for (const x of tensors) reader.push(x).then((value) => seen.push(value));
  await reader.flush();
  return seen;
}

it("reads numbers from the CPU in order", async () => {
  const tensors = Array.from({ length: 40 }, (_, i) => tensor(i));
  expect(await collect(new ScalarReader(), tensors)).toEqual(tensors.map((x) => x.item()));
});

it("refuses tensors without exactly one element", () => {
  expect(() => new ScalarReader().push(tensor([1, 2]))).toThrow(
    "push: needs exactly one element, shape [2] has 2; reduce it first",
  );
});

it("refuses what is no tensor, a tensor that was disposed of, and a count that is none", () => {
  const reader = new ScalarReader();
  expect(() => reader.push(3 as never)).toThrow("push: x must be a tensor, got 3; pass a tensor");
  const gone = tensor(1);
  gone[Symbol.dispose]();
  expect(() => reader.push(gone)).toThrow("push: the tensor was disposed of; push it before");
  for (const every of [0, -1, 1.5, "x" as never]) {
    expect(() => new ScalarReader({ every })).toThrow(
      "ScalarReader: every must be a whole number above 0, got",
    );
  }
  expect(() => new ScalarReader(null as never)).toThrow("ScalarReader: options must be an object, got null");
});

describeGPU("a reader of scalars", () => {
  const on = { device: "webgpu" };

  it("reads numbers in order, as they were when they were pushed", async () => {
    const reader = new ScalarReader({ every: 4 });
    const x = tensor([[0]], on);
    const seen: number[] = [];
    for (let i = 0; i < 10; i++) {
      reader.push(x).then((value) => seen.push(value));
      x.add_(1);
    }
    await reader.flush();
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("submits once for many numbers", async () => {
    await tensor(0, on).data();
    const { submits } = session!.counts;
    await collect(
      new ScalarReader({ every: 8 }),
      Array.from({ length: 16 }, (_, i) => tensor(i, on)),
    );
    expect(session!.counts.submits - submits).toBe(2);
  });

  it("reads by itself when the program is idle", async () => {
    expect(await new ScalarReader().push(tensor(5, on))).toBe(5);
  });

  it("takes numbers of several devices in turn", async () => {
    const tensors = [tensor(1, on), tensor(2), tensor(3, on), tensor(4, on), tensor(5)];
    expect(await collect(new ScalarReader(), tensors)).toEqual([1, 2, 3, 4, 5]);
  });

  it("rejects where the read fails", async () => {
    const reader = new ScalarReader();
    const wrong = reader.push(tensor([1, 2], on).gather(0, tensor([7], on)));
    await expect(wrong).rejects.toThrow("gather: index 7 is not one of the 2 positions");
    expect(await reader.push(tensor(8, on))).toBe(8);
  });
});
