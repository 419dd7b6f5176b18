import { fc, test } from "@fast-check/vitest";
import { compile } from "@thalweg/compile";
import { manualSeed, randn, type Tensor } from "@thalweg/tensor";
import { describe, expect } from "vitest";
import { continuousInstruction, execute, type Instruction } from "../../../packages/compile/test/programs";
import { session } from "./session";

/** What a program returns in some calls, with inputs of two shapes in turn, and what it has written. */
async function resultsOf(
  instructions: readonly Instruction[],
  returned: number,
  isCompiled: boolean,
): Promise<number[]> {
  manualSeed(2);
  const on = (shape: readonly number[]) => randn(shape).to("webgpu");
  const [leaves, outside] = [[on([4, 4]), on([4])], on([3, 4])];
  const body = (a: Tensor, b: Tensor) => {
    const tensors = [...leaves, outside, a, b];
    execute(instructions, { tensors, leaves });
    return tensors.slice(-returned);
  };
  const f = isCompiled ? compile(body) : body;
  const seen: number[] = [];
  for (let i = 0; i < 5; i++) {
    const shape = i === 2 ? [2, 4] : [3, 4];
    const inputs = [on(shape), on(shape)] as const;
    for (const x of [...f(...inputs), ...inputs, ...leaves, outside]) seen.push(...(await x.data()));
  }
  return seen;
}

describe.skipIf(session === null)("random programs on WebGPU", () => {
  test.prop(
    [fc.array(continuousInstruction, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 4 })],
    {
      numRuns: 15,
    },
  )("have the results of eager, compiled", async (instructions, returned) => {
    const eager = await resultsOf(instructions, returned, false);
    const compiled = await resultsOf(instructions, returned, true);
    expect(compiled.length).toBe(eager.length);
    for (const [i, value] of compiled.entries()) {
      expect(Math.abs(value - eager[i]!), `element ${i}`).toBeLessThan(
        1e-3 * Math.max(1, Math.abs(eager[i]!)),
      );
    }
  });
});
