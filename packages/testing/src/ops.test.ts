import "@thalweg/autograd";
import * as T from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { opLaws } from "./op-laws";

const ops = [...T.allOps()];
const titles = new Map<string, number>();

/** Several records share a name (pow by exponent): they are numbered. */
function title(name: string): string {
  const count = (titles.get(name) ?? 0) + 1;
  titles.set(name, count);
  return count === 1 ? name : `${name} (${count})`;
}

describe.each(ops.map((op) => [title(op.name), op] as const))("%s", (_, op) => {
  for (const law of opLaws(op)) it(law.name, law.run);

  for (const { fn, shapes, list = false, args = [], message } of op.errors) {
    it(`refuses: ${message}`, () => {
      const tensors = shapes.map((shape) => T.zeros(shape));
      if (op.kind === "map" && fn === undefined) {
        expect(() => T.apply(op, tensors, undefined)).toThrow(message);
        return;
      }
      const call = (T as unknown as Record<string, (...args: unknown[]) => unknown>)[fn ?? op.name];
      expect(call, `${fn ?? op.name} is exported`).toBeTypeOf("function");
      expect(() => call!(...(list ? [tensors] : tensors), ...args)).toThrow(message);
    });
  }
});

it("knows every operation of the library", () => {
  const named = new Set(ops.map((op) => op.name));
  const functions = Object.values(T).flatMap((value) =>
    typeof value === "function" && "op" in value ? [(value.op as T.Op).name] : [],
  );
  expect(functions.length).toBeGreaterThan(80);
  expect(functions.filter((name) => !named.has(name))).toEqual([]);
});
