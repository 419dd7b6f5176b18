import { Linear, Sequential, Tanh } from "@thalweg/nn";
import { SGD } from "@thalweg/optim";
import { layerNorm, ones, randn, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { compile } from "./index";

/** A step of a small model, with 40 columns so that its kernels are not one function each. */
function training(options = {}) {
  const model = new Sequential(new Linear(3, 40), new Tanh(), new Linear(40, 2));
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  const step = compile((x: Tensor) => {
    optimizer.zeroGrad();
    const loss = model.forward(x).square().mean();
    loss.backward();
    optimizer.step();
    return loss;
  }, options);
  return { model, step };
}

describe("explain", () => {
  it("lists the kernels of each program, with what was joined in them", () => {
    const f = compile((a: Tensor, b: Tensor) => a.mul(b).add(a).relu(), { name: "gate" });
    f(ones([64, 64]), ones([64, 64]));
    const { name, programs, recordings, reason, eager } = f.explain();
    expect({ name, recordings, reason, eager }).toEqual({
      name: "gate",
      recordings: 1,
      reason: "the first call",
      eager: null,
    });
    expect(programs).toEqual([
      {
        arguments: ["float32 [64, 64]", "float32 [64, 64]"],
        kernels: [
          {
            kind: "map",
            operations: ["mul", "add", "relu"],
            shape: [64, 64],
            bytesRead: 2 * 4 * 64 * 64,
            bytesWritten: 4 * 64 * 64,
            part: null,
            reads: [],
          },
        ],
        recorded: 3,
        memory: 0,
        results: 4 * 64 * 64,
        eagerPeak: 2 * 4 * 64 * 64,
        eagerMemory: 3 * 4 * 64 * 64,
      },
    ]);
  });

  it("joins maps with the row programs before and after them, unless a long one would be computed again", () => {
    const kernelsOf = (f: (x: Tensor, y: Tensor) => Tensor) => {
      const [x, y] = [randn([30, 200]), randn([200])];
      const compiled = compile(f);
      compiled(x, y);
      expect(compiled(x, y).toArray()).toEqual(f(x, y).toArray());
      return compiled.explain().programs[0]!.kernels.map(({ operations }) => operations.join(" + "));
    };
    expect(kernelsOf((x, y) => x.mul(0.5).softmax(1).mul(y).relu())).toEqual(["mul + softmax + mul + relu"]);
    expect(kernelsOf((x, y) => layerNorm(x.add(y), 200).gelu())).toEqual(["add + normalize + gelu"]);
    expect(kernelsOf((x, y) => x.mul(y).tanh().softmax(1))).toEqual(["mul + tanh", "softmax"]);
    // Across rows, and not along them.
    expect(kernelsOf((x, y) => x.mul(y).softmax(0))).toEqual(["mul", "softmax"]);
    expect(kernelsOf((x) => x.softmax(1).transpose(0, 1).neg())).toEqual(["softmax", "neg"]);
  });

  it("says why the last recording was made", () => {
    const f = compile((x: Tensor) => x.add(1));
    f(ones([2]));
    f(ones([3]));
    expect(f.explain().reason).toContain("shape");
    expect(f.explain().programs).toHaveLength(2);
  });

  it("takes less memory than eager", () => {
    const { step } = training();
    for (let i = 0; i < 3; i++) step(randn([64, 3]));
    const [program] = step.explain().programs;
    expect(program!.memory).toBeLessThan(program!.eagerMemory);
    expect(program!.kernels.length).toBeLessThan(program!.recorded);
  });

  it("counts what a history keeps among the results, and no gradient before there is one", () => {
    const w = randn([30, 40], { requiresGrad: true });
    const f = compile((x: Tensor) => x.matmul(w).square());
    f(ones([20, 30]));
    // The result, and the product that its gradient reads.
    expect(f.explain().programs[0]!.results).toBe(2 * 4 * 20 * 40);
  });

  it("prints as text and draws a flowchart", () => {
    const f = compile(
      (x: Tensor) =>
        x
          .exp()
          .matmul(ones([64, 64]))
          .add(1),
      { name: "f" },
    );
    f(ones([64, 64]));
    const text = String(f);
    expect(text).toContain("f: recorded once, last because of the first call");
    expect(text).toMatch(/program 1\(float32 \[64, 64\]\): \d kernels of \d recorded calls/);
    expect(text).toMatch(/matmul\s+matmul \+ add\s+\[64, 64\]/);
    expect(f.toMermaid()).toMatch(/^flowchart TD\n {2}k0\["map: exp<br>\[64, 64\]"\]\n/);
    expect(f.toMermaid()).toContain("k0 --> k1");
  });
});

describe("check", () => {
  it("runs eager beside the program, and keeps its state", () => {
    const [checked, plain] = [training({ check: 5 }), training()];
    plain.model.loadStateDict(checked.model.stateDict());
    for (let i = 0; i < 8; i++) {
      const x = randn([5, 3]);
      expect(checked.step(x).item()).toBe(plain.step(x).item());
    }
    const values = ({ model }: typeof plain) =>
      model.parameters().map((p) => [p.toArray(), p.grad!.toArray()]);
    expect(values(checked)).toEqual(values(plain));
  });

  it("throws where a bit differs, and names the output and the operation", () => {
    let scale = 1;
    const f = compile((x: Tensor) => x.mul(scale++).exp(), { name: "f", check: 1 });
    f(tensor([1, 2]));
    expect(() => f(tensor([1, 2]))).toThrow(
      /^f: the result differs from eager at element 0, .* and .*; computed by mul \+ exp; please report/,
    );
  });
});

describe("keepGradients", () => {
  it("leaves tensors without gradients, and parameters as they are with them", () => {
    const [without, plain] = [training({ keepGradients: false }), training()];
    plain.model.loadStateDict(without.model.stateDict());
    for (let i = 0; i < 6; i++) {
      const x = randn([5, 3]);
      expect(without.step(x).item()).toBe(plain.step(x).item());
    }
    const [a, b] = [without.model.parameters(), plain.model.parameters()];
    expect(a.map((p) => p.toArray())).toEqual(b.map((p) => p.toArray()));
    expect(a.map((p) => p.grad)).toEqual([null, null, null, null]);
  });
});
