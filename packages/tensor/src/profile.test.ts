import { expect, it } from "vitest";
import { layerNorm, rmsNorm, tensor } from "./index";
import { profile } from "./profile";

it("counts calls, time and bytes by operation and by kernel", () => {
  const x = tensor([1, 2, 3, 4]);
  const { result, ops, kernels, time } = profile(() => {
    x.exp().exp();
    return x
      .reshape([4, 1])
      .matmul(tensor([[1, 2, 3]]))
      .softmax(1)
      .sum();
  });
  expect(result.item()).toBeCloseTo(4);
  const calls = Object.fromEntries(ops.map((row) => [row.name, row.calls]));
  expect(calls).toEqual({ exp: 2, reshape: 1, matmul: 1, softmax: 1, sum: 1 });
  const exp = ops.find((row) => row.name === "exp")!;
  expect(exp.bytes).toBe(2 * 8 * 4);
  expect(exp.tiers).toEqual(["js"]);
  expect(kernels.find((row) => row.name === "map exp")).toMatchObject({ calls: 2, bytes: 64 });
  expect(ops.reduce((sum, row) => sum + row.time, 0)).toBeLessThanOrEqual(time);
  const sorted = ops.map((row) => row.time);
  expect(sorted).toEqual([...sorted].sort((a, b) => b - a));
});

it("makes a trace and a table", () => {
  const seen = profile(() => tensor([1, 2]).mul(2));
  const { traceEvents } = JSON.parse(JSON.stringify(seen.trace()));
  expect(traceEvents).toHaveLength(2);
  expect(traceEvents[0]).toMatchObject({
    name: "mul",
    cat: "op",
    ph: "X",
    args: { shapes: ["[2]", "number"] },
  });
  expect(traceEvents[1]).toMatchObject({ name: "map mul", cat: "kernel", args: { tier: "js", bytes: 16 } });
  expect(String(seen)).toMatch(/operation +calls +ms +share +us\/call +MB +tier\nmul +1 +\d+\.\d+ +100\.0%/);
});

it("counts composites, with everything in them, beside the operations", () => {
  const x = tensor([[1, 2, 4]]);
  const alone = profile(() => rmsNorm(x, 3));
  const seen = profile(() => {
    x.exp();
    layerNorm(x, 3);
    return rmsNorm(x, 3);
  });
  expect(seen.ops.map((row) => row.name)).not.toContain("rmsNorm");
  expect(seen.composites.map((row) => row.name).sort()).toEqual(["layerNorm", "rmsNorm"]);
  const [norm] = alone.composites;
  expect(norm).toMatchObject({ name: "rmsNorm", calls: 1, tiers: ["js"] });
  expect(norm!.bytes).toBe(alone.ops.reduce((sum, row) => sum + row.bytes, 0));
  expect(norm!.time).toBeGreaterThanOrEqual(alone.ops.reduce((sum, row) => sum + row.time, 0));
  expect(norm!.time).toBeLessThanOrEqual(alone.time);
  const text = String(seen);
  expect(text.match(/^\w+(?= +calls)/gm)).toEqual(["operation", "composite", "kernel"]);
  expect(text).toMatch(/^rmsNorm +1 /m);
  expect(String(profile(() => x.exp())).match(/^\w+(?= +calls)/gm)).toEqual(["operation", "kernel"]);
});

it("draws composites in the trace as parents of their operations", () => {
  const x = tensor([[1, 2, 4]]);
  const { traceEvents } = profile(() => layerNorm(x, 3).exp()).trace();
  const parent = traceEvents.find((event) => event.cat === "composite")!;
  expect(parent).toMatchObject({ name: "layerNorm", tid: 1, args: { shapes: ["[1, 3]", "number"] } });
  const inside = traceEvents.filter(
    ({ cat, ts, dur }) => cat === "op" && ts >= parent.ts && ts + dur <= parent.ts + parent.dur,
  );
  const ops = traceEvents.filter((event) => event.cat === "op").map((event) => event.name);
  expect(ops.at(-1)).toBe("exp");
  expect(inside.map((event) => event.name)).toEqual(ops.slice(0, -1));
});

it("stops when the body throws, and when its promise rejects", async () => {
  expect(() =>
    profile(() => {
      throw new Error("no");
    }),
  ).toThrow("no");
  await expect(profile(() => Promise.reject(new Error("later")))).rejects.toThrow("later");
  const { ops } = profile(() => tensor([1]).neg());
  expect(ops).toHaveLength(1);
});

it("awaits promises", async () => {
  const { result, ops } = await profile(async () => {
    await Promise.resolve();
    return tensor([2]).square();
  });
  expect(result.item()).toBe(4);
  expect(ops[0]!.name).toBe("square");
});

it("can be nested", () => {
  const outer = profile(() => profile(() => tensor([1]).neg()).kernels.length);
  expect(outer.result).toBe(1);
  expect(outer.kernels).toHaveLength(1);
});
