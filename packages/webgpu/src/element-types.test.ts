import { fc, test } from "@fast-check/vitest";
import { type DType, type Tensor, tensor, where } from "@thalweg/tensor";
import { expect, it } from "vitest";
import { describeGPU } from "../test/gpu";

const extremes = [0, 1, -1, 2, -2, 7, 2 ** 31 - 1, -(2 ** 31), 46341, 65536];
const ints = fc.oneof(fc.constantFrom(...extremes), fc.integer());
const numbers: Record<string, fc.Arbitrary<number>> = {
  int32: ints,
  bool: fc.constantFrom(0, 1),
  float32: fc.constantFrom(0, -0, 0.5, -1.5, 3, -7, 2 ** 24, Number.NaN, Infinity, -Infinity, 1e10),
};

interface Operand {
  readonly dtype: DType;
  readonly data: readonly number[];
}

const shape = [3, 4, 5];
const operand = fc.constantFrom<DType>("int32", "bool", "float32").chain((dtype) =>
  fc.record({
    dtype: fc.constant(dtype),
    data: fc.array(numbers[dtype]!, { minLength: 60, maxLength: 60 }),
  }),
);

const binary = [
  "add",
  "mul",
  "maximum",
  "minimum",
  "eq",
  "ne",
  "lt",
  "le",
  "gt",
  "ge",
  "logicalAnd",
] as const;
const unary = ["square", "logicalNot", "sign", "isNaN", "isFinite", "round"] as const;

/** Programs: each step applies an operation to tensors of earlier steps. */
const steps = fc.array(
  fc.record({
    op: fc.constantFrom(...binary, ...unary, "where", "int", "bool", "float", "plus"),
    a: fc.nat(),
    b: fc.nat(),
    c: fc.nat(),
    turned: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
);

function computed(
  operands: readonly Operand[],
  device: string,
  program: typeof steps extends fc.Arbitrary<infer S> ? S : never,
) {
  const known: Tensor[] = operands.map(({ dtype, data }) => tensor([...data], { shape, dtype, device }));
  for (const { op, a, b, c, turned } of program) {
    const pick = (k: number) => known[k % known.length]!;
    const x = turned ? pick(a).transpose(0, 1).contiguous().transpose(0, 1) : pick(a);
    if (op === "where") known.push(where(pick(c), x, pick(b)));
    else if (op === "int") known.push(x.to("int32"));
    else if (op === "bool") known.push(x.to("bool"));
    else if (op === "float") known.push(x.to("float32"));
    else if (op === "plus") known.push(x.add(c % 2 === 0 ? 3 : 0.5));
    else
      known.push(
        (x[op as "add"] as (y: Tensor) => Tensor)(
          ...(((unary as readonly string[]).includes(op) ? [] : [pick(b)]) as [Tensor]),
        ),
      );
  }
  return known;
}

/** Values without the sign of zeros. */
const plain = (values: ArrayLike<number>) => Array.from(values, (x) => (x === 0 ? 0 : x));

describeGPU("element types", () => {
  test.prop([fc.array(operand, { minLength: 2, maxLength: 4 }), steps], { numRuns: 60 })(
    "have the CPU's results in chains of maps of all types",
    async (operands, program) => {
      const here = computed(operands, "cpu", program);
      const there = computed(operands, "webgpu", program);
      for (let k = 0; k < here.length; k++) {
        expect(there[k]!.dtype).toBe(here[k]!.dtype);
        expect(plain(await there[k]!.data())).toEqual(plain(here[k]!.dataSync()));
      }
    },
  );

  test.prop([fc.array(ints, { minLength: 24, maxLength: 24 }), fc.boolean(), fc.integer({ min: 0, max: 2 })])(
    "int32 and bool are exact in reductions, sorting, scans, products and lookups",
    async (data, isBool, dim) => {
      const dtype = isBool ? "bool" : "int32";
      const on = (device: string) => tensor(data, { shape: [2, 3, 4], dtype, device });
      const rows = (device: string) => tensor([1, 0, 1], { dtype: "int32", device });
      const all: ((device: string) => Tensor)[] = [
        (device) => on(device).sum(dim),
        (device) => on(device).sum(),
        (device) => on(device).prod(dim),
        (device) => on(device).amax(dim),
        (device) => on(device).amin(),
        (device) => on(device).any(dim),
        (device) => on(device).all(),
        (device) => on(device).argmax(dim),
        (device) => on(device).argmin(),
        (device) => on(device).sort(dim).indices,
        (device) => on(device).sort(dim, { descending: true }).values,
        (device) => on(device).cumsum(dim),
        (device) => on(device).indexSelect(dim, rows(device)),
        (device) =>
          on(device)
            .to("int32")
            .reshape([6, 4])
            .matmul(on(device).to("int32").reshape([4, 6])),
        (device) =>
          on(device).to("int32").scatterAdd(0, on(device).eq(1).to("int32"), on(device).to("int32")),
        (device) => on(device).permute([2, 0, 1]).contiguous(),
      ];
      for (const compute of all) {
        const [here, there] = [compute("cpu"), compute("webgpu")];
        expect(there.dtype).toBe(here.dtype);
        expect(await there.data()).toEqual(here.dataSync());
      }
    },
  );

  it("int32 is exact in long rows", async () => {
    const data = Int32Array.from({ length: 40000 }, (_, i) => Math.imul(i, 2654435761));
    const [here, there] = [tensor(data), tensor(data, { device: "webgpu" })];
    expect(await there.sum().itemAsync()).toBe(here.sum().item());
    expect(await there.amax().itemAsync()).toBe(here.amax().item());
    expect(await there.argmin().itemAsync()).toBe(here.argmin().item());
    expect(await there.sort().indices.data()).toEqual(here.sort().indices.dataSync());
    expect(await there.cumsum(0).data()).toEqual(here.cumsum(0).dataSync());
  });

  it("an int32 index out of range is refused with its exact value", async () => {
    const x = tensor([1, 2, 3], { device: "webgpu" });
    const index = tensor([0, 16777217], { dtype: "int32", device: "webgpu" });
    await expect(x.indexSelect(0, index).data()).rejects.toThrow(
      "indexSelect: index 16777217 is not one of the 3 positions of the dimension",
    );
  });
});
