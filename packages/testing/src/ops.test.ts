import "@thalweg/autograd";
import * as T from "@thalweg/tensor";
import * as internals from "@thalweg/tensor/internal";
import { describe, expect, it } from "vitest";
import { compileLaws } from "./compile-laws";
import { opLaws } from "./op-laws";

const ops = [...T.allOps(), ...T.allComposites()];
const titles = new Map<string, number>();

/** Several records share a name (pow by exponent): they are numbered. */
function title(name: string): string {
  const count = (titles.get(name) ?? 0) + 1;
  titles.set(name, count);
  return count === 1 ? name : `${name} (${count})`;
}

describe.each(ops.map((op) => [title(op.name), op] as const))("%s", (_, op) => {
  for (const law of [...opLaws(op), ...compileLaws(op, { numRuns: 3 })]) it(law.name, law.run);

  for (const { fn = op.name, shapes, list = false, args = [] } of T.samplesOf(op).errors) {
    const given = [...shapes.map(internals.formatShape), ...args.map((arg) => JSON.stringify(arg))];
    it(`refuses ${fn}(${given.join(", ")})`, () => {
      const tensors = shapes.map((shape) => T.zeros(shape));
      const exported = ({ ...internals, ...T } as unknown as Record<string, (...args: unknown[]) => unknown>)[
        fn
      ];
      const call =
        op.kind === "map" && fn === op.name ? () => internals.apply(op, tensors, undefined) : exported;
      expect(call, `${fn} is exported`).toBeTypeOf("function");
      const refusal = () => call!(...(list ? [tensors] : tensors), ...args);
      expect(refusal).toThrow(T.ThalwegError);
      expect(refusal).toThrowErrorMatchingSnapshot();
    });
  }
});

it("knows every operation of the library", () => {
  const named = new Set(ops.map((op) => op.name));
  const functions = Object.values({ ...internals, ...T }).flatMap((value) =>
    typeof value !== "function"
      ? []
      : "op" in value
        ? [(value.op as T.Op).name]
        : "composite" in value
          ? [(value.composite as T.Composite).name]
          : [],
  );
  expect(functions.length).toBeGreaterThan(80);
  expect(functions.filter((name) => !named.has(name))).toEqual([]);
});
