import "@thalweg/autograd";
import { add, type Input, type Op, pointwise, relu, sum, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { forgetOperations } from "../test/forget-operations";
import { opLaws } from "./index";

forgetOperations();

/** Names of the laws that an operation breaks, with their messages. */
function broken(op: Op): Map<string, string> {
  const failures = new Map<string, string>();
  for (const law of opLaws(op, { numRuns: 60 })) {
    try {
      law.run();
    } catch (error) {
      failures.set(law.name, (error as Error).message);
    }
  }
  return failures;
}

const asOp = (op: unknown) => op as Op;

describe("the laws of operations", () => {
  it("hold for correct operations", () => {
    expect(broken(add.op)).toEqual(new Map());
    expect(broken(asOp(sum.op))).toEqual(new Map());
    expect(broken(pointwise("swish", (x) => x.mul(x.sigmoid())).op)).toEqual(new Map());
  });

  it("catch a wrong gradient, and show the call, the seed and the elements", () => {
    const wrong = pointwise("wrong", (x) => x.square(), { gradient: (g, _, x) => [g.mul(x!)] });
    const failures = broken(wrong.op);
    expect([...failures.keys()]).toContain("has the gradient of finite differences");
    const message = failures.get("has the gradient of finite differences")!;
    expect(message).toMatch(/seed: -?\d+/);
    expect(failures.has("agrees with the float64 reference")).toBe(false);
    expect(failures.has("predicts its shape")).toBe(false);
  });

  it("catch a gradient whose own derivative is wrong", () => {
    const cube = pointwise("cube", (x) => x.mul(x).mul(x)).op;
    const once: Op = {
      ...asOp(cube),
      saves: () => 1,
      gradient: ({ grad, inputs: [x] }) => [(x as Tensor).detach().square().mul(3).mul(grad)],
    };
    expect([...broken(once).keys()]).toEqual(["has the second derivative of finite differences"]);
  });

  it("catch a shape rule with the wrong shape", () => {
    const lying: Op = { ...asOp(sum.op), shape: ([shape]) => [...shape!, 1] };
    expect([...broken(lying).keys()]).toEqual(["predicts its shape"]);
  });

  it("catch an operation that reads memory instead of elements", () => {
    const blind: Op = {
      ...asOp(relu.op),
      forward(inputs: readonly Input[]) {
        const x = inputs[0] as Tensor;
        const data = Array.from({ length: x.storage.size }, (_, i) => x.storage.backend.at(x.storage, i));
        const read = Array.from({ length: x.size }, (_, i) => Math.max(0, data[i % data.length]!));
        return tensor(read, { shape: x.shape, dtype: x.dtype });
      },
    };
    expect([...broken(blind).keys()]).toContain("gives the same bits for strided and dense inputs");
  });

  it("catch a float32 kernel that is not accurate", () => {
    const rough: Op = {
      ...asOp(relu.op),
      forward(inputs: readonly Input[], attrs) {
        const y = relu.op.forward(inputs, attrs as undefined);
        return y.dtype === "float32" ? y.mul(1.001) : y;
      },
    };
    expect([...broken(rough).keys()]).toContain("agrees with the float64 reference");
  });

  it("catch a gradient that ignores strides", () => {
    const op: Op = {
      ...asOp(relu.op),
      gradient: (call) => {
        const x = call.inputs[0] as Tensor;
        const isPlain = x.isContiguous() && x.offset === 0;
        return isPlain
          ? relu.op.gradient(call as Parameters<typeof relu.op.gradient>[0])
          : [call.grad.mul(0)];
      },
      saves: () => 1,
    };
    expect([...broken(op).keys()]).toContain("gives the same bits for strided and dense inputs");
  });
});
