import { fc, test } from "@fast-check/vitest";
import { getThreads, setThreads } from "@thalweg/cpu";
import { afterAll, describe, expect, it } from "vitest";
import { conv2d, convTranspose2d, Generator, type Op, randn, setWebAssembly, type Tensor } from "../../index";
import { apply } from "../apply";
import { dgradOp, fpropOp, wgradOp } from "../window/convolution";
import type { Form } from "../window/form";

const threads = getThreads();
afterAll(() => setThreads(threads));

const generator = new Generator(11);
const random = (...shape: number[]) => randn(shape, { generator });

/** Asserts that WebAssembly, on one thread and on two, computes the same bits as JavaScript. */
function expectSameBits(compute: () => Tensor): void {
  const before = setWebAssembly("never");
  try {
    const expected = [...compute().dataSync()];
    setWebAssembly("always");
    for (const threads of [1, 2]) {
      setThreads(threads);
      expect([...compute().dataSync()]).toEqual(expected);
    }
  } finally {
    setWebAssembly(before);
  }
}

const pair = (min: number, max: number) =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })) as fc.Arbitrary<readonly [number, number]>;

const forms: fc.Arbitrary<Form> = fc
  .record({
    groups: fc.integer({ min: 1, max: 2 }),
    stride: pair(1, 3),
    dilation: pair(1, 2),
    before: pair(0, 2),
    kernel: pair(1, 4),
    result: pair(1, 13),
    tail: pair(0, 2),
  })
  .map(({ tail, ...form }) => {
    const extent = (d: 0 | 1) => {
      const reach = (form.result[d] - 1) * form.stride[d] + (form.kernel[d] - 1) * form.dilation[d] + 1;
      return Math.max(1, reach - form.before[d] + tail[d] - 1);
    };
    return { ...form, image: [extent(0), extent(1)] };
  });

const sizes = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  channels: fc.integer({ min: 1, max: 7 }),
  features: fc.integer({ min: 1, max: 9 }),
});

describe("a product of several dimensions", () => {
  test.prop([forms, sizes], { numRuns: 25 })(
    "has the same bits, whether operands are copied or read in place",
    (form, { batch, channels, features }) => {
      const x = random(batch, form.groups * channels, ...form.image);
      const w = random(form.groups * features, channels, ...form.kernel);
      const y = random(batch, form.groups * features, ...form.result);
      const calls: [Op<Form>, Tensor[]][] = [
        [fpropOp, [x, w]],
        [fpropOp, [x.flip([2, 3]), w.transpose(2, 3).contiguous().transpose(2, 3), random(w.shape[0]!)]],
        [dgradOp, [y, w]],
        [wgradOp, [x, y]],
      ];
      for (const [op, inputs] of calls) expectSameBits(() => apply(op, [...inputs], form));
    },
  );

  it("is divided into parts that fit caches where it is large", () => {
    const [x, w] = [random(3, 40, 28, 28), random(9, 40, 3, 3)];
    const y = random(2, 9, 20, 20);
    expectSameBits(() => conv2d(x, w));
    expectSameBits(() => convTranspose2d(y, w, { stride: 2 }));
  });

  it("may have more terms and columns than are packed at a time", () => {
    const [x, w] = [random(1, 130, 4, 5), random(5, 130, 3, 3)];
    expectSameBits(() => conv2d(x, w, { padding: 1 }));
    const [long, few] = [random(1, 1, 50, 50), random(2, 1, 2, 3)];
    expectSameBits(() => conv2d(long, few));
    const form = { groups: 1, stride: [1, 1], dilation: [1, 1], before: [0, 0] } as const;
    const attrs: Form = { ...form, image: [41, 41], kernel: [4, 4], result: [38, 38] };
    const [images, results] = [random(2, 3, 41, 41), random(2, 5, 38, 38)];
    expectSameBits(() => apply(wgradOp, [images, results], attrs));
  });
});
