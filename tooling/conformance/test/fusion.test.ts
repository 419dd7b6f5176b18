import { Linear, ReLU, Sequential } from "@thalweg/nn";
import { randn } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { session } from "./session";

class Own extends Linear {}

describe.skipIf(session === null)("a model on WebGPU", () => {
  it.each([
    ["Linear", Linear],
    ["a class that extends Linear", Own],
  ])("applies an activation in the kernel of the product before it, with %s", async (_, Layer) => {
    const model = new Sequential(new Layer(6, 5), new ReLU(), new Linear(5, 2));
    await model.to("webgpu");
    const x = randn([8, 6], { device: "webgpu" });
    await model.forward(x).data();
    const { dispatches } = session!.counts;
    await model.forward(x).data();
    expect(session!.counts.dispatches - dispatches).toBe(2);
  });
});
