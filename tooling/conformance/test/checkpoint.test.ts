import { loadCheckpoint, saveCheckpoint } from "@thalweg/io";
import { mseLoss } from "@thalweg/losses";
import { Linear, Sequential, Tanh } from "@thalweg/nn";
import { Adam } from "@thalweg/optim";
import { Generator, manualSeed, randn } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { session } from "./session";

function training(device: string) {
  const generator = new Generator(3);
  const [x, y] = [randn([16, 4], { generator }).to(device), randn([16, 2], { generator }).to(device)];
  manualSeed(1);
  const model = new Sequential(new Linear(4, 8), new Tanh(), new Linear(8, 2)).to(device);
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const step = () => {
    optimizer.zeroGrad();
    mseLoss(model.forward(x), y).backward();
    optimizer.step();
  };
  const parameters = () => Promise.all(model.parameters().map(async (x) => [...(await x.data())]));
  return { parts: { model, optimizer }, step, parameters };
}

describe.skipIf(session === null)("a checkpoint of tensors on the GPU", () => {
  it("holds the state at the moment of the call, and training resumes from it to the same bits", async () => {
    const whole = training("webgpu");
    for (let i = 0; i < 4; i++) whole.step();
    const saving = saveCheckpoint(whole.parts);
    for (let i = 0; i < 5; i++) whole.step();

    const resumed = training("webgpu");
    resumed.step();
    await loadCheckpoint(await saving, resumed.parts);
    for (let i = 0; i < 5; i++) resumed.step();
    expect(await resumed.parameters()).toEqual(await whole.parameters());
  });

  it("resumes on the CPU", async () => {
    const first = training("webgpu");
    first.step();
    const there = await first.parameters();
    const second = training("cpu");
    await loadCheckpoint(await saveCheckpoint(first.parts), second.parts);
    expect(await second.parameters()).toEqual(there);
    second.step();
  });
});
