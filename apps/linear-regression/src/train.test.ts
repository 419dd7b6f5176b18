import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { line } from "./line";
import type { Step } from "./step";
import { trainModule } from "./train-module";
import { trainRaw } from "./train-raw";

interface Golden {
  readonly lr: number;
  readonly trace: { epoch: number; loss: number; gradW: number; gradB: number; w: number; b: number }[];
}

const golden: Golden = JSON.parse(
  readFileSync(new URL("../test/fixtures/linear-regression.json", import.meta.url), "utf8"),
);
const { x, y } = line();

const read = ({ loss, w, b }: Step) => ({
  loss,
  gradW: w.grad!.item(),
  gradB: b.grad!.item(),
  w: w.item(),
  b: b.item(),
});

describe.each([
  ["by hand", () => trainRaw([[x, y]], 1, golden.trace.length, golden.lr)],
  ["with modules", () => trainModule([[x, y]], 1, golden.trace.length, golden.lr)],
])("training %s", (_, train) => {
  it("gives PyTorch's loss, gradients and parameters in every epoch", () => {
    let epochs = 0;
    for (const step of train()) {
      const { epoch, ...expected } = golden.trace[epochs++]!;
      const found = read(step);
      for (const [key, value] of Object.entries(expected)) {
        const difference = Math.abs(found[key as keyof typeof found] - value) / Math.abs(value);
        expect(difference, `${key} of epoch ${epoch}`).toBeLessThan(1e-6);
      }
    }
    expect(epochs).toBe(20);
  });

  it("starts from zero, so that the first loss is the mean of the squared targets", () => {
    const [first] = train();
    expect(first!.loss).toBe((9 + 25 + 49 + 81) / 4);
  });
});

describe("both ways of training", () => {
  it("agree bit for bit", () => {
    const modules = [...trainModule([[x, y]], 1, 50, 0.05)].map(({ loss }) => loss);
    expect([...trainRaw([[x, y]], 1, 50, 0.05)].map(({ loss }) => loss)).toEqual(modules);
  });
});
