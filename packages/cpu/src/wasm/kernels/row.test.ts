import { fc, test } from "@fast-check/vitest";
import { RowProgram, runRows, trace } from "@thalweg/kernels";
import { describe, expect, it } from "vitest";
import { floats, type Laying, laying, layOut, Memory, runtime, writable } from "../../../test/linear-memory";
import { cpu } from "../../cpu";
import { rows } from "./row";

const itself = trace(2, (value) => value);
const mean = trace(2, (value, count) => value.div(count));
const first = trace(1, (x) => x);

const programs = [
  new RowProgram(
    "softmax",
    1,
    [
      { combine: "max", map: first, finish: itself },
      { combine: "sum", map: trace(2, (x, top) => x.sub(top).exp()), finish: itself, keep: true },
    ],
    [trace(4, (_x, _top, total, kept) => kept!.div(total!))],
  ),
  new RowProgram(
    "logSoftmax",
    1,
    [
      { combine: "max", map: first, finish: itself },
      { combine: "sum", map: trace(2, (x, top) => x.sub(top).exp()), finish: itself },
    ],
    [trace(3, (x, top, total) => x.sub(top).sub(total!.log()))],
  ),
  new RowProgram(
    "weighted",
    2,
    [{ combine: "sum", map: trace(2, (y, g) => g.mul(y)), finish: itself }],
    [trace(3, (y, g, total) => y.mul(g.sub(total!))), trace(3, (y, g, total) => y.add(g).mul(total!))],
  ),
  new RowProgram(
    "layerNorm",
    3,
    [
      { combine: "sum", map: first, finish: mean },
      {
        combine: "sum",
        map: trace(4, (x, _weight, _bias, center) => x.sub(center!).square()),
        finish: trace(2, (value, count) => value.div(count).add(1e-5).sqrt().reciprocal()),
      },
    ],
    [trace(5, (x, weight, bias, center, scale) => x.sub(center!).mul(scale!).mul(weight).add(bias))],
  ),
];

const shapes = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
  fc.tuple(fc.integer({ min: 1, max: 9 }), fc.constantFrom(13, 255, 256, 257, 1023, 1024, 1300, 2100)),
);

/** A laying whose last dimension is dense, or broadcast. */
const straight = (how: Laying, rank: number): Laying => ({
  ...how,
  order: 0,
  gap: 0,
  flip: how.flip.with(rank - 1, false),
});

function check(program: RowProgram, shape: readonly number[], seed: number, hows: readonly Laying[]): void {
  const memory = new Memory(seed);
  const dim = shape.length - 1;
  const put = (how: Laying, salt: number) => {
    const { layout, length } = layOut(shape, straight(how, shape.length));
    return memory.put(floats(length, seed + salt), layout);
  };
  const inputs = hows.slice(0, program.inputs).map(put);
  const outputs = program.outputs.map((_, k) => put(writable(hows[k + 3]!), k));
  const places = (twins: typeof inputs) => twins.map(({ linear }) => linear);
  expect(rows(runtime, program, places(outputs), places(inputs), dim)).toBe(true);
  const views = (twins: typeof inputs) => twins.map(({ view }) => view);
  runRows(cpu, program, views(outputs), views(inputs), dim);
  expect(memory.differences()).toEqual([]);
}

describe.each(programs)("$name in one pass", (program) => {
  test.prop([shapes, fc.nat(1e6), fc.array(laying, { minLength: 5, maxLength: 5 })], { numRuns: 100 })(
    "has the bits of its maps and reductions",
    (shape, seed, hows) => check(program, shape, seed, hows),
  );
});

describe("rows", () => {
  it("leaves other strides to maps and reductions", () => {
    const twin = new Memory(0).put(floats(12, 1));
    const { layout } = layOut([3, 4], { broadcast: [], order: 1, flip: [], gap: 0, offset: 0 });
    const { address } = twin.linear;
    expect(layout.strides).toEqual([1, 3]);
    expect(rows(runtime, programs[0]!, [{ address, layout }], [{ address, layout }], 1)).toBe(false);
  });
});
