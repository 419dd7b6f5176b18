import * as thalweg from "thalweg";
import { type DType, type Tensor, ThalwegError, tensor } from "thalweg";
import { describe, expect, it } from "vitest";
import { decode, type Encoded, load } from "./fixture";
import { tolerances } from "./tolerance";

type About = { readonly number: number } | { readonly dtype: DType; readonly shape: readonly number[] };

interface Fixture {
  /** Elements of the operands, by type; scalars have the first. */
  readonly numbers: Readonly<Record<DType, readonly Encoded[]>>;
  readonly cases: readonly {
    readonly op: string;
    readonly operands: readonly About[];
    /** The type to which `to` converts. */
    readonly to?: DType;
    readonly refused?: true;
    readonly dtype?: DType;
    readonly data?: readonly Encoded[];
  }[];
}

const { numbers, cases } = load<Fixture>("types");

function operand(about: About): Tensor | number {
  if ("number" in about) return about.number;
  const { dtype, shape } = about;
  const data = decode(numbers[dtype]).slice(0, shape.length === 0 ? 1 : undefined);
  return tensor(data, { dtype, shape });
}

const text = (about: About) =>
  "number" in about ? String(about.number) : `${about.dtype}[${about.shape.join()}]`;

/** Cases that Thalweg computes and PyTorch refuses, or computes otherwise; each with its reason. */
const different: Readonly<Record<string, string>> = {
  "square(bool[3])": "it is x·x, and so bool; PyTorch's is a power, and int64",
  "remainder(int32[3], bool[3])": "one divisor is 0, for which PyTorch throws; a kernel gives 0",
  "remainder(int32[], bool[3])": "likewise",
  "remainder(2, bool[3])": "likewise",
};

function call(op: string, operands: readonly (Tensor | number)[], to: DType | undefined): Tensor {
  if (op === "to") return (operands[0] as Tensor).to(to!);
  if (op === "softmax" || op === "cumsum") return (operands[0] as Tensor)[op](0);
  // biome-ignore lint/performance/noDynamicNamespaceImportAccess: a fixture names the function
  const f = thalweg[op as "add"] as (...args: readonly (Tensor | number)[]) => Tensor;
  return f(...operands);
}

describe.each([...new Set(cases.map(({ op }) => op))])("%s", (name) => {
  it("has PyTorch's types and numbers for operands of all types", () => {
    for (const { op, operands, to, refused, dtype, data } of cases) {
      if (op !== name) continue;
      const title = `${op}(${operands.map(text).join(", ")})${to ? ` to ${to}` : ""}`;
      if (title in different) continue;
      const compute = () => call(op, operands.map(operand), to);
      if (refused) {
        expect(compute, title).toThrow(ThalwegError);
        continue;
      }
      const found = compute();
      expect(`${title} is ${found.dtype}`).toBe(`${title} is ${dtype}`);
      const { relative, absolute } = tolerances[dtype!];
      found.dataSync().forEach((value, i) => {
        const expected = Number(data![i]);
        const isClose =
          Object.is(value, expected) ||
          Math.abs(value - expected) <= absolute + relative * Math.abs(expected);
        expect(isClose, `${title} is ${value} at ${i}, PyTorch's ${expected}`).toBe(true);
      });
    }
  });
});
