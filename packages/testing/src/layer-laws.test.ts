import { Module, Parameter, snakeCase } from "@thalweg/nn";
import {
  ArgumentError,
  bernoulli,
  defaultGenerator,
  eye,
  pointwise,
  randn,
  type Tensor,
  zeros,
} from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { forgetOperations } from "../test/forget-operations";
import { type LawInput, type LayerLawOptions, layerLaws } from "./index";

forgetOperations();

/** A user's layer: x·scale + shift, with a count of its calls. */
class Affine extends Module {
  scale = new Parameter(randn([3]));
  shift = new Parameter(randn([3]));
  declare callCount: Tensor;

  constructor() {
    super();
    this.registerBuffer("callCount", zeros([]));
  }

  override forward(x: Tensor): Tensor {
    if (this.training) this.callCount.add_(1);
    return x.mul(this.scale).add(this.shift);
  }

  protected override stateKey(property: string): string {
    return snakeCase(property);
  }
}

const input: LawInput = { shape: [2, 3] };

/** The laws that a layer breaks, without its name. */
async function broken<M extends Module>(
  make: () => M,
  options: LayerLawOptions<M> = {},
  inputs: readonly LawInput[] = [input],
): Promise<string[]> {
  const found: string[] = [];
  for (const { name, run } of layerLaws(make, inputs, options)) {
    await run().catch(() => found.push(name.slice(name.indexOf(" ") + 1)));
  }
  return found;
}

const laws = {
  keys: "has stable keys",
  state: "can be rebuilt from its state",
  type: "moves to float64 and back",
  device: "moves to cpu",
  noise: "has no noise in eval mode",
  gradients: "has the gradients of finite differences",
  compiled: "gives the same bits when it is compiled",
  nothing: "accepts an empty batch",
  strided: "gives the same bits for strided and dense inputs",
  untouched: "writes to none of its inputs",
} as const;

/** The layer above with another `forward`. */
function computing(forward: (this: Affine, x: Tensor) => Tensor): () => Affine {
  return () =>
    new (class Wrong extends Affine {
      override forward(x: Tensor): Tensor {
        return forward.call(this, x);
      }
    })();
}

const usual = Affine.prototype.forward;

describe("the laws of layers", () => {
  it("hold for a user's correct layer", async () => {
    expect(await broken(() => new Affine(), { keys: ["scale", "shift", "call_count"] })).toEqual([]);
  });

  it("have names that begin with that of the layer, one for each device", () => {
    expect(layerLaws(() => new Affine(), [input]).map(({ name }) => name)).toEqual(
      Object.values(laws).map((law) => `Affine ${law}`),
    );
    const names = layerLaws(() => new Affine(), [{ ...input, batchDim: null }], { devices: ["a", "b"] });
    expect(names.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["Affine moves to a", "Affine moves to b"]),
    );
    expect(names.map(({ name }) => name)).not.toContain(`Affine ${laws.nothing}`);
  });

  it("catch keys that are not the declared ones", async () => {
    expect(await broken(() => new Affine(), { keys: ["scale", "shift"] })).toEqual([laws.keys]);
    expect(await broken(() => new Affine(), { keys: ["shift", "scale", "call_count"] })).toEqual([laws.keys]);
  });

  it("catch keys that change", async () => {
    class Lazy extends Affine {
      declare late: Tensor;
      override forward(x: Tensor): Tensor {
        this.registerBuffer("late", zeros([]));
        return super.forward(x);
      }
    }
    expect(await broken(() => new Lazy())).toContain(laws.keys);
    let count = 0;
    class Numbered extends Affine {
      readonly number = count++;
      protected override stateKey(property: string): string {
        return `${property}${this.number}`;
      }
    }
    expect(await broken(() => new Numbered())).toEqual(expect.arrayContaining([laws.keys, laws.state]));
  });

  it("catch a parameter that is missing from the state dict", async () => {
    class Secret extends Affine {
      readonly #factor = randn([3]);
      override forward(x: Tensor): Tensor {
        return super.forward(x).mul(this.#factor);
      }
    }
    expect(await broken(() => new Secret())).toContain(laws.state);
  });

  it("catch a state dict that is loaded in part, or with any keys", async () => {
    class Forgetful extends Affine {
      override loadStateDict(state: Record<string, Tensor>) {
        const { scale, ...rest } = state;
        super.loadStateDict({ ...rest, scale: this.scale.detach().clone() });
        return { missing: [], unexpected: [] };
      }
    }
    expect(await broken(() => new Forgetful())).toEqual([laws.state]);
    class Lenient extends Affine {
      override loadStateDict(state: Record<string, Tensor>) {
        super.loadStateDict(state, { strict: false });
        return { missing: [], unexpected: [] };
      }
    }
    expect(await broken(() => new Lenient())).toEqual([laws.state]);
  });

  it("catch a constant that does not move with the layer, and parameters that are replaced", async () => {
    const fixed = eye(3);
    const half = computing(function (x) {
      return usual.call(this, x).matmul(fixed);
    });
    expect(await broken(half)).toEqual([laws.type, laws.gradients]);
    class Replacing extends Affine {
      override to(target: string): this {
        super.to(target);
        this.scale = new Parameter(this.scale.detach().clone());
        return this;
      }
    }
    expect(await broken(() => new Replacing())).toEqual([laws.type, laws.device]);
    class Losing extends Affine {
      override to(target: string): this {
        super.to(target).zeroGrad();
        return this;
      }
    }
    expect(await broken(() => new Losing())).toEqual([laws.type, laws.device]);
  });

  it("catch noise in eval mode, and a mode that does not reach the layers below", async () => {
    const noisy = computing(function (x) {
      return usual.call(this, x).mul(bernoulli(x.shape, 0.5, { dtype: x.dtype }));
    });
    expect(await broken(noisy)).toEqual([laws.noise]);
    class Stuck extends Affine {
      override train(): this {
        return super.train(true);
      }
    }
    expect(await broken(() => new Stuck())).toEqual([laws.noise]);
  });

  it("catch a wrong gradient, of an input or of a parameter", async () => {
    const twice = pointwise("twice", (x) => x.mul(2), { gradient: (g) => [g] });
    const wrongInput = computing(function (x) {
      return usual.call(this, twice(x).mul(0.5));
    });
    const wrongParameter = computing(function (x) {
      return x.mul(twice(this.scale)).add(this.shift);
    });
    const cut = computing(function (x) {
      return x.mul(this.scale.detach()).add(this.shift);
    });
    for (const make of [wrongInput, wrongParameter]) expect(await broken(make)).toEqual([laws.gradients]);
    expect(await broken(cut)).toEqual([laws.gradients]);
    const law = layerLaws(cut, [input]).find(({ name }) => name.includes("differences"))!;
    const error = (await law.run().catch((thrown: unknown) => thrown)) as { readonly cause: Error };
    expect(error.cause.message).toMatch(
      /^scale: layerLaws: the gradient is wrong, worst at input 0, element \[\d\]: .*\nfor \[2, 3\] \[\[/,
    );
  });

  it("catch a layer that needs a sample", async () => {
    const mean = computing(function (x) {
      return x.mul(this.scale.mul(x.mean())).add(this.shift);
    });
    const choosy = computing(function (x) {
      return usual.call(this, x).sub(x.amax(0));
    });
    const padded = computing(function (x) {
      const y = usual.call(this, x);
      return x.size === 0 ? y.sum(0, { keepDim: true }) : y;
    });
    expect(await broken(mean)).toContain(laws.nothing);
    expect(await broken(choosy)).toEqual([laws.nothing]);
    expect(await broken(padded)).toEqual([laws.nothing]);
  });

  it("catch a layer that reads the storage of its input", async () => {
    const raw = computing(function (x) {
      return usual.call(this, x).add(x.isContiguous() ? 0 : 1);
    });
    expect(await broken(raw, { numRuns: 20 })).toEqual([laws.strided]);
  });

  it("catch a layer that writes to its input", async () => {
    const writing = computing(function (x) {
      const y = usual.call(this, x.clone());
      x.detach().mul_(2);
      return y;
    });
    expect(await broken(writing)).toContain(laws.untouched);
  });

  it("leave the random numbers of the program alone", async () => {
    const before = defaultGenerator.getState();
    for (const law of layerLaws(() => new Affine(), [input])) await law.run();
    expect(defaultGenerator.getState()).toEqual(before);
  });

  it("refuse what they cannot test", () => {
    expect(() => layerLaws(() => 5 as never, [])).toThrow(ArgumentError);
    expect(() => layerLaws(() => 5 as never, [])).toThrow(
      "layerLaws: make must return a module, got 5; return a new layer",
    );
    expect(() => layerLaws(() => new Affine(), [{ shape: [2], batchDim: 1 }])).toThrow(
      "layerLaws: input 0 has no dimension 1, its shape is [2]; give another batchDim, or null where there is no batch",
    );
    expect(() => layerLaws(() => new Affine(), [input], { numRuns: 0 })).toThrow(
      "layerLaws: numRuns must be",
    );
  });
});
