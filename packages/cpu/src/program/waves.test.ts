import { fc, test } from "@fast-check/vitest";
import { Layout, type MapCall, MapProgram, trace, type View } from "@thalweg/kernels";
import { describe, expect, it, vi } from "vitest";
import { readyThreads } from "../../test/ready-threads";
import { accelerator } from "../accelerator";
import { cpu } from "../cpu";
import { ready } from "../index";
import { setThreads } from "../threads";
import { control } from "../wasm/runtime/addresses";
import { prepareCalls } from "./prepare";
import { areIndependent } from "./waves";

const program = new MapProgram("copy", 1, [trace(1, (x) => x)]);
const storages = [cpu.allocate("float32", 200), cpu.allocate("float32", 200)];

const view = fc
  .record({
    storage: fc.constantFrom(...storages),
    shape: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    strides: fc.tuple(fc.integer({ min: -6, max: 6 }), fc.integer({ min: -6, max: 6 })),
    offset: fc.integer({ min: 40, max: 120 }),
  })
  .map(
    ({ storage, shape, strides, offset }): View => ({ storage, layout: new Layout(shape, strides, offset) }),
  );

const call = fc
  .tuple(view, view)
  .map(([out, x]): MapCall => ({ kind: "map", backend: cpu, program, outputs: [out], inputs: [x] }));

/** The elements of a view, by their storage and their place in it. */
function elements({ storage, layout: { shape, strides, offset } }: View): Set<string> {
  const all = new Set<string>();
  for (let i = 0; i < shape[0]!; i++) {
    for (let j = 0; j < shape[1]!; j++) {
      all.add(
        `${storages.indexOf(storage as (typeof storages)[0])} ${offset + i * strides[0]! + j * strides[1]!}`,
      );
    }
  }
  return all;
}

it("calls that do not need each other meet other threads once", async () => {
  await ready();
  const { runtime } = accelerator()!;
  const before = setThreads(2);
  const size = 200_000;
  const some = (): View => ({ storage: cpu.allocate("float32", size), layout: Layout.contiguous([size]) });
  const calls = Array.from(
    { length: 4 },
    (): MapCall => ({ kind: "map", backend: cpu, program, outputs: [some()], inputs: [some()] }),
  );
  const prepared = prepareCalls(calls);
  prepared.run();
  await vi.waitUntil(() => readyThreads(runtime) > 0);
  const meetings = runtime.words[control.generation]!;
  prepared.run();
  expect(runtime.words[control.generation]! - meetings).toBe(1);
  prepared.release();
  setThreads(before);
});

describe("areIndependent", () => {
  test.prop([call, call], { numRuns: 1000 })("is false where one writes what the other uses", (a, b) => {
    const viewsOf = ({ outputs, inputs }: MapCall) => [...outputs, ...(inputs as View[])];
    const isUsed = (writer: MapCall, other: MapCall) =>
      [...elements(writer.outputs[0]!)].some((element) =>
        viewsOf(other).some((of) => elements(of).has(element)),
      );
    if (isUsed(a, b) || isUsed(b, a)) expect(areIndependent(a, b)).toBe(false);
    if (!viewsOf(a).some(({ storage }) => viewsOf(b).some((view) => view.storage === storage)))
      expect(areIndependent(a, b)).toBe(true);
  });
});
