import { mseLoss } from "@thalweg/losses";
import { BatchNorm1d, Linear, Module, ReLU, Sequential } from "@thalweg/nn";
import { Adam } from "@thalweg/optim";
import { manualSeed, randn, type Tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { session } from "./session";

const here = describe.skipIf(session === null);

/** The losses of some steps on the CPU, and of as many after the model has moved, if it does. */
async function losses(target: string): Promise<number[]> {
  manualSeed(3);
  const model = new Sequential(new Linear(4, 8), new BatchNorm1d(8), new ReLU(), new Linear(8, 1));
  const optimizer = new Adam(model.parameters(), { lr: 0.05, amsgrad: true });
  let [x, t]: [Tensor, Tensor] = [randn([16, 4]), randn([16, 1])];
  const found: number[] = [];
  for (let step = 0; step < 10; step++) {
    if (step === 5) {
      model.to(target);
      [x, t] = [x.to(target), t.to(target)];
    }
    optimizer.zeroGrad();
    const loss = mseLoss(model.forward(x), t);
    loss.backward();
    optimizer.step();
    found.push(await loss.itemAsync());
  }
  for (const tensor of [...model.parameters(), ...model.buffers()]) expect(tensor.device).toBe(target);
  for (const { tensors } of optimizer.state.values()) {
    for (const state of Object.values(tensors)) expect(state.device).toBe(target);
  }
  return found;
}

here("a model that moves to the device", () => {
  it("is trained there by its old optimizer, whose state follows", async () => {
    const [moved, stayed] = [await losses("webgpu"), await losses("cpu")];
    moved.forEach((loss, i) => {
      expect(Math.abs(loss - stayed[i]!), `step ${i}`).toBeLessThan(1e-3 * Math.max(1, stayed[i]!));
    });
  });

  it("cannot come back synchronously, and then stays there whole", () => {
    const model = new Linear(2, 1).to("webgpu");
    expect(() => model.to("cpu")).toThrow(/^to: /);
    expect(() => model.to("float64")).toThrow(/^to: /);
    expect(model.parameters().map(({ device }) => device)).toEqual(["webgpu", "webgpu"]);
    expect(model).toBeInstanceOf(Module);
  });
});
