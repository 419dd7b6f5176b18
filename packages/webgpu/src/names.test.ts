import { fc, test } from "@fast-check/vitest";
import { pointwise, tensor } from "@thalweg/tensor";
import { expect, it } from "vitest";
import { describeGPU } from "../test/gpu";
import { moduleText } from "./device/kernel";

const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom("\n", "\r", "\u2028", "\u0085", "\0", "*/", "/*", "//", "@compute", "a", "\ud800"),
  }),
);

const text = (name: string) =>
  moduleText({ name, bindings: [], fields: ["count: u32"], body: "", globals: "" });

test.prop([hostile])("a name cannot leave the comment that contains it", (name) => {
  const [comment, ...code] = text(name).split("\n");
  expect(comment).toMatch(/^\/\/ [\x20-\x7e]*$/);
  expect(code).toEqual(text("plain").split("\n").slice(1));
});

describeGPU("a kernel", () => {
  it.each(["my\nop", "\n@compute @workgroup_size(1) fn main() {} //", "a\0b", "\ud800", "*/ fn x() {} /*"])(
    "may have any name: %j",
    async (name) => {
      const twice = pointwise(name, (x) => x.mul(2));
      expect(await twice(tensor([1, 2], { device: "webgpu" })).toArrayAsync()).toEqual([2, 4]);
      expect(twice(tensor([1, 2])).toArray()).toEqual([2, 4]);
    },
  );
});
