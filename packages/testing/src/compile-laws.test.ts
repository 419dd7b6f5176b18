import { Layer } from "@thalweg/nn";
import { defineOptimizer, LBFGS, SGD } from "@thalweg/optim";
import { add, type Composite, type Op, relu, samplesOf, sum, type Tensor, tensor } from "@thalweg/tensor";
import { expect, it } from "vitest";
import { type AsyncLaw, compileLaws, type Law, layerLaws } from "./index";

/** What the laws of compile say of something. */
async function problems(laws: readonly (Law | AsyncLaw)[]): Promise<string[]> {
  const found: string[] = [];
  for (const law of laws.filter(({ name }) => name.includes("compiled"))) {
    try {
      await law.run();
    } catch (error) {
      // The cause of a property's failure says what was found.
      found.push(String((error as Error).cause ?? error));
    }
  }
  return found;
}

it("hold for operations, and for optimizers; those with a closure are refused", async () => {
  expect(await problems(compileLaws(add.op))).toEqual([]);
  expect(await problems(compileLaws(sum.op as unknown as Op))).toEqual([]);
  expect(await problems(compileLaws(SGD, { options: { lr: 0.1, momentum: 0.9 } }))).toEqual([]);
  expect(await problems(compileLaws(LBFGS))).toEqual([]);
});

/** An operation in the place of another, whose samples it has. */
function inPlaceOf(op: Op, forward: Op["forward"]): Op {
  samplesOf(op);
  return { ...op, forward };
}

it("catch an operation that keeps a value in JavaScript", async () => {
  let count = 0;
  const counting = inPlaceOf(relu.op as unknown as Op, ([x]) => (x as Tensor).add(count++));
  expect((await problems(compileLaws(counting)))[0]).toMatch(/of the program is/);
});

it("catch an operation that reads its elements", async () => {
  const reading = inPlaceOf(relu.op as unknown as Op, ([x]) =>
    tensor((x as Tensor).dataSync(), { shape: (x as Tensor).shape }),
  );
  expect((await problems(compileLaws(reading)))[0]).toMatch(/reads elements inside of/);
});

it("catch an optimizer that counts by itself", async () => {
  let count = 0;
  const Counting = defineOptimizer({
    name: "counting",
    options: { lr: 0.1 },
    state: [],
    updateTensor: ({ param, grad }, { lr }) => ({ param: param.sub(grad.mul(lr / ++count)) }),
  });
  expect((await problems(compileLaws(Counting)))[0]).toMatch(/step \d of the program/);
});

it("catch a layer whose noise is JavaScript's", async () => {
  class Noisy extends Layer {
    override forward(x: Tensor): Tensor {
      return x.mul(Math.random());
    }
  }
  const [problem] = await problems(layerLaws(() => new Noisy(), [{ shape: [2, 3] }]));
  expect(problem).toMatch(/result 0 of the program is/);
});

it("refuse what is neither an operation nor an optimizer", () => {
  expect(() => compileLaws({} as Composite)).toThrow("compileLaws: what must be");
});
