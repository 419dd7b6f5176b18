import { fc, test } from "@fast-check/vitest";
import {
  copyProgram,
  type KernelCall,
  Layout,
  readBy,
  type Storage,
  type View,
  writtenBy,
} from "@thalweg/kernels";
import { crossEntropy } from "@thalweg/losses";
import {
  Conv2d,
  Flatten,
  type Layer,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
  TransformerEncoderLayer,
} from "@thalweg/nn";
import { SGD } from "@thalweg/optim";
import { randint, randn, type Tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { compile } from "./index";
import { isInline } from "./inline";
import { allocateSlots, bytesOf, leastPeak } from "./plan";
import { Slot, slotOf } from "./slot";

const { backend } = zeros([1]).storage;

/** A call that makes a slot and reads some of those before: their numbers, which count from the last one. */
const call = fc.record({
  kind: fc.constantFrom("map", "matmul"),
  dtype: fc.constantFrom("float32", "int32"),
  size: fc.constantFrom(1, 8, 1000, 1024, 1500, 4096),
  reads: fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 12 })),
  isTurned: fc.boolean(),
  isVisible: fc.boolean(),
});

type Given = typeof call extends fc.Arbitrary<infer T> ? T : never;

function callsOf(given: readonly Given[]): { call: KernelCall }[] {
  const slots: Slot[] = [];
  const viewOf = (slot: Slot, isTurned = false): View => {
    const layout = Layout.contiguous([slot.size]);
    return {
      storage: slot as unknown as Storage,
      layout: isTurned ? new Layout([slot.size], [-1], slot.size - 1) : layout,
    };
  };
  return given.map(({ kind, dtype, size, reads, isTurned, isVisible }) => {
    const out = Slot.of(backend, dtype as "float32", size);
    out.isVisible = isVisible;
    const [a, b] = reads.map((back) => slots.at(-1 - (back % slots.length)) ?? out);
    slots.push(out);
    const [from, to] = [[viewOf(a!, isTurned), viewOf(b!)] as const, viewOf(out)];
    const product: KernelCall = {
      ...{ kind: "matmul", backend, out: to, a: from[0], b: from[1] },
      ...{ grouping: undefined, epilogue: undefined },
    };
    const map: KernelCall = {
      kind: "map",
      backend,
      program: copyProgram("float32"),
      outputs: [to],
      inputs: from,
    };
    return { call: kind === "map" ? map : product };
  });
}

describe("the memory of a program", () => {
  test.prop([fc.array(call, { minLength: 1, maxLength: 40 })])(
    "keeps every element until it was read",
    (given) => {
      const calls = callsOf(given);
      const { rooms, all } = allocateSlots(calls);
      const prepared = new Set(
        calls
          .filter(({ call }) => !isInline(call))
          .flatMap(({ call }) => [...writtenBy(call), ...readBy(call)].map(slotOf)),
      );
      const inside = new Set<Slot>();
      for (const { call } of calls) {
        const [out] = writtenBy(call).map(slotOf);
        const room = rooms.get(out!);
        expect(room === undefined).toBe(out!.isVisible);
        for (const view of readBy(call)) {
          const slot = slotOf(view);
          if (slot.isVisible || slot === out) continue;
          expect(inside).toContain(slot);
          if (room === undefined || !overlap(slot, out!)) continue;
          // Only a map may write what it reads, and only where it reads it.
          expect(call.kind).toBe("map");
          expect(rooms.get(slot)).toEqual(room);
          expect([slot.size, view.layout.strides]).toEqual([out!.size, [1]]);
        }
        for (const slot of inside) if (room !== undefined && overlap(slot, out!)) inside.delete(slot);
        if (room !== undefined) inside.add(out!);
      }
      for (const [slot, { storage, offset }] of rooms) {
        expect(storage.dtype).toBe(slot.dtype);
        expect(offset + slot.size).toBeLessThanOrEqual(storage.size);
        // Emitted code has variables for what only it uses, which begin at 0.
        if (!prepared.has(slot)) expect(offset).toBe(0);
      }
      expect(bytesOf(all)).toBeLessThanOrEqual(bytesOf(rooms.keys()) + 64 * rooms.size);
      expect(leastPeak(calls)).toBeLessThanOrEqual(
        bytesOf(calls.flatMap(({ call }) => writtenBy(call).map(slotOf))),
      );
      for (const storage of all) storage.release();

      function overlap(a: Slot, b: Slot): boolean {
        const [x, y] = [rooms.get(a)!, rooms.get(b)!];
        return x.storage === y.storage && x.offset < y.offset + b.size && y.offset < x.offset + a.size;
      }
    },
  );

  const models: [string, () => Layer, Tensor][] = [
    [
      "a small convolutional network",
      () =>
        new Sequential(
          ...[new Conv2d(1, 16, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2)],
          ...[new Conv2d(16, 32, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2)],
          ...[new Flatten(), new Linear(32 * 49, 10)],
        ),
      zeros([64, 1, 28, 28]),
    ],
    [
      "a layer of a transformer",
      () =>
        new Sequential(
          new TransformerEncoderLayer(128, 4, { dimFeedforward: 512, dropout: 0, batchFirst: true }),
          ...[new Flatten(0, 1), new Linear(128, 10)],
        ),
      zeros([8, 64, 128]),
    ],
  ];

  it.each(models)("of a training step of %s is no more than eager has to hold", (_, make, like) => {
    const model = make();
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const step = compile((x: Tensor) => {
      optimizer.zeroGrad();
      const scores = model.forward(x);
      const loss = crossEntropy(scores, randint([scores.shape[0]!], 10));
      loss.backward();
      optimizer.step();
      return loss;
    });
    for (let i = 0; i < 3; i++) step(randn(like.shape));
    const { memory, results, eagerPeak, eagerMemory } = step.explain().programs[0]!;
    expect(memory + results).toBeLessThanOrEqual(eagerPeak);
    expect(eagerPeak).toBeLessThan(eagerMemory);
    expect(step.explain().recordings).toBe(2);
  });
});
