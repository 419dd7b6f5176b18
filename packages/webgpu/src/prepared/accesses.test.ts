import { expect, it } from "vitest";
import { vectorFunctions, withBuffers } from "./accesses";

/** Buffer 0 is bound as `type` in the text, and becomes buffer 7, which is declared otherwise. */
const moved = (text: string, type: string, declared: string) =>
  withBuffers(text, (slot) =>
    slot === 0 ? { slot: 7, type, declared } : { slot, type: "f32", declared: "f32" },
  );

it("accesses keep their text where a buffer has its type", () => {
  expect(moved("b0[i] = b0[b1[j] + 1];", "f32", "f32")).toBe("b7[i] = b7[b1[j] + 1];");
  expect(moved("atomicLoad(&b0[place])", "atomic<u32>", "atomic<u32>")).toBe("atomicLoad(&b7[place])");
});

it("elements are read and written by their bits", () => {
  expect(moved("let x = b0[i] == b0[j];", "f32", "u32")).toBe(
    "let x = bitcast<f32>(b7[i]) == bitcast<f32>(b7[j]);",
  );
  expect(moved("b0[i] = b0[j] + 1;", "i32", "u32")).toBe("b7[i] = bitcast<u32>(bitcast<i32>(b7[j]) + 1);");
  expect(moved("b0[i] = y;", "f32", "atomic<u32>")).toBe("atomicStore(&b7[i], bitcast<u32>(y));");
});

it("vectors are read and written element by element", () => {
  expect(moved("b0[i] = v + b0[j];", "vec4<f32>", "u32")).toBe(
    "put_b7(u32(i), bitcast<vec4<u32>>(v + bitcast<vec4<f32>>(four_b7(u32(j)))));",
  );
  expect(moved("b0[p >> 2u][p & 3] = y;", "vec4<f32>", "u32")).toBe(
    "b7[4u * u32(p >> 2u) + u32(p & 3)] = bitcast<u32>(y);",
  );
});

it("vectors of a buffer that is only read have no function that writes them", () => {
  expect(vectorFunctions(2, "u32", true)).toContain("fn put_b2(");
  expect(vectorFunctions(2, "u32", false)).not.toContain("put_b2");
  expect(vectorFunctions(2, "u32", false)).toContain("fn four_b2(");
});

it("variables with the name of a buffer stay", () => {
  expect(moved("let b0 = x; sum += b0.y * b0_1;", "f32", "u32")).toBe("let b0 = x; sum += b0.y * b0_1;");
});
