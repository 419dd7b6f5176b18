import { add, exp, matmul, type Tensor, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import {
  DeviceError,
  DTypeError,
  GradientError,
  IndexError,
  internal,
  ShapeError,
  ThalwegError,
} from "./errors";

describe("errors", () => {
  it.each([ShapeError, DTypeError, DeviceError, GradientError, IndexError])(
    "%o is an error of the library",
    (Kind) => {
      const error = new Kind("op", "it is wrong", "mend it", [[2, 3]]);
      expect(error).toBeInstanceOf(ThalwegError);
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({
        name: Kind.name,
        op: "op",
        shapes: [[2, 3]],
        message: "op: it is wrong; mend it",
      });
    },
  );

  it("may have no remedy", () => {
    expect(new ThalwegError("op", "it is wrong").message).toBe("op: it is wrong");
  });

  it("mark a bug of the library as internal", () => {
    expect(internal("no such place").message).toBe("internal: no such place");
  });

  it("carry the operation and the shapes of its operands", () => {
    let caught: unknown;
    try {
      matmul(zeros([2, 3]), zeros([4, 5]));
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({
      name: "ShapeError",
      op: "matmul",
      shapes: [
        [2, 3],
        [4, 5],
      ],
    });
  });
});

describe("operands", () => {
  const other = (value: unknown) => value as Tensor;
  const x = tensor([1]);

  it.each([
    ["[1]", [1]],
    ['"1"', "1"],
    ["an object", { storage: 1 }],
    ["null", null],
    ["undefined", undefined],
  ])("must be tensors or numbers, not %s", (got, value) => {
    for (const call of [() => add(x, other(value)), () => add(other(value), x)]) {
      expect(call).toThrow(DTypeError);
      expect(call).toThrow(
        `add: operands must be tensors or numbers, got ${got}; create a tensor with tensor(data)`,
      );
    }
    expect(() => x.add_(other(value))).toThrow(DTypeError);
    const shown = value === undefined ? "nothing" : got;
    expect(() => x.add_(other(value))).toThrow(`add_: other must be a tensor, or a number, got ${shown}`);
  });

  it("must not all be numbers", () => {
    for (const call of [() => add(1, 2), () => exp(other(1))]) {
      expect(call).toThrow("needs at least one tensor, got numbers only; wrap one of them: tensor(2)");
    }
  });

  it("must be of one type", () => {
    const product = () => matmul(zeros([1, 1], { dtype: "float64" }), zeros([1, 1]));
    expect(product).toThrow(DTypeError);
    expect(product).toThrow(
      'matmul: operands differ in type, float64 and float32; convert one with .to("float64")',
    );
  });
});
