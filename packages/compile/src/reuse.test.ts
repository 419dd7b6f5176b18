import "@thalweg/autograd";
import { fc, test } from "@fast-check/vitest";
import { grad } from "@thalweg/autograd";
import { gelu, mish, randn, relu6, silu, softplus, type Tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { expectSame } from "../test/twins";
import { compile } from "./index";

const activations = { gelu, silu, mish, softplus, tanh: (x: Tensor) => x.tanh() };

/** What happens to the operand between two uses. */
const changes: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  nothing: (x) => x,
  overwritten: (x) => x.add_(0.5),
  overwrittenInPart: (x) => {
    x.narrow(0, 0, 1).mul_(2);
    return x;
  },
  turned: (x) => x.transpose(0, 1),
};

describe("what a map computes on the way", () => {
  it.each([
    { activation: gelu, written: 2 },
    { activation: silu, written: 2 },
    // Costs a few steps, and is computed again.
    { activation: relu6, written: 1 },
  ])("is kept for the gradient where it is costly: $activation.name", ({ activation, written }) => {
    const [x, w] = [randn([64, 32]), randn([32, 48], { requiresGrad: true })];
    const f = compile((x: Tensor) => {
      const hidden = activation(x.matmul(w));
      return grad(hidden.matmul(hidden.detach().transpose(0, 1)).sum(), [w])[0];
    });
    f(x);
    const { kernels } = f.explain().programs[0]!;
    const forward = kernels.find(({ kind }) => kind === "map")!;
    expect(forward.bytesWritten).toBe(written * 4 * 64 * 48);
  });

  test.prop(
    [
      fc.constantFrom(...(Object.keys(activations) as (keyof typeof activations)[])),
      fc.constantFrom(...Object.keys(changes)),
      fc.constantFrom(1, 3, 17),
    ],
    { numRuns: 60 },
  )("has the bits of eager", (name, change, size) => {
    const activation = activations[name];
    expectSame((through) => {
      const [w, out] = [randn([size, size], { requiresGrad: true }), randn([size, size])];
      const f = through((x: Tensor) => {
        const y = x.add(1);
        out.copy_(activation(y));
        const z = activation(changes[change]!(y).mul(w));
        const [g] = grad(z.square().sum(), [w], { createGraph: true });
        return [activation(y), z.detach(), g!.detach(), activation(out), ...grad(g!.sum(), [w])];
      });
      return { call: () => f(randn([size, size])), seen: [w, out] };
    });
  });
});
