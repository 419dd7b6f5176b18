import { cat, manualSeed, randn, ShapeError, type Tensor, ThalwegError, zeros } from "@thalweg/tensor";
import { describe, expect, expectTypeOf, it } from "vitest";
import { expectUniform } from "../../test/moments";
import { GRU, LSTM, type Module, type RecurrentOptions, RNN } from "../index";

/** The kinds, all made to take and return a list of states. */
const kinds = {
  RNN: (inputs: number, hidden: number, options?: RecurrentOptions) =>
    single(new RNN(inputs, hidden, options)),
  GRU: (inputs: number, hidden: number, options?: RecurrentOptions) =>
    single(new GRU(inputs, hidden, options)),
  LSTM: (inputs: number, hidden: number, options?: RecurrentOptions) => {
    const layer = new LSTM(inputs, hidden, options);
    const run = (x: Tensor, states?: Tensor[]) => layer.forward(x, states as [Tensor, Tensor] | undefined);
    return { layer, run };
  },
};

function single(layer: RNN | GRU) {
  const run = (x: Tensor, states?: Tensor[]): [Tensor, Tensor[]] => {
    const [output, state] = layer.forward(x, states?.[0]);
    return [output, [state]];
  };
  return { layer, run };
}

const close = (a: Tensor, b: Tensor) => {
  expect(a.shape).toEqual(b.shape);
  expect(a.sub(b).abs().max().item()).toBeLessThan(1e-6);
};

const keysOf = (module: Module) => Object.keys(module.stateDict());

describe.each(Object.entries(kinds))("%s", (name, make) => {
  it("reads a sequence without a batch as a batch of one", () => {
    const { run } = make(3, 4, { numLayers: 2, bidirectional: true });
    const x = randn([5, 3]);
    const [output, states] = run(x);
    const [batched, batchedStates] = run(x.unsqueeze(1));
    close(output, batched.squeeze(1));
    states.forEach((state, i) => {
      expect(state.shape).toEqual([4, 4]);
      close(state, batchedStates[i]!.squeeze(1));
    });
    close(run(x, states)[0], run(x.unsqueeze(1), batchedStates)[0].squeeze(1));
  });

  it("takes the batch first with batchFirst; states keep their order", () => {
    const { layer, run } = make(3, 4);
    const turned = make(3, 4, { batchFirst: true });
    turned.layer.loadStateDict(layer.stateDict());
    const x = randn([5, 2, 3]);
    const [output, states] = run(x);
    const [output2, states2] = turned.run(x.transpose(0, 1));
    close(output2, output.transpose(0, 1));
    close(states2[0]!, states[0]!);
  });

  it("goes on from a state", () => {
    const { run } = make(3, 4, { numLayers: 2 });
    const x = randn([7, 2, 3]);
    const [whole, end] = run(x);
    const [first, middle] = run(x.narrow(0, 0, 3));
    const [second, last] = run(x.narrow(0, 3, 4), middle);
    close(cat([first, second], 0), whole);
    close(last[0]!, end[0]!);
    close(whole.select(0, 6), end[0]!.select(0, 1));
  });

  it("reads from the end, too, when bidirectional", () => {
    const both = make(3, 4, { bidirectional: true });
    const one = make(3, 4);
    const reverse = Object.entries(both.layer.stateDict()).filter(([key]) => key.endsWith("_reverse"));
    one.layer.loadStateDict(Object.fromEntries(reverse.map(([key, x]) => [key.replace("_reverse", ""), x])));
    const x = randn([5, 2, 3]);
    close(both.run(x)[0].narrow(2, 4, 4), one.run(x.flip([0]))[0].flip([0]));
  });

  it("drops elements between layers while training, and nothing else", () => {
    const x = randn([5, 2, 3]);
    const alone = make(3, 4, { dropout: 1 });
    close(alone.run(x)[0], alone.run(x)[0]);
    const { layer, run } = make(3, 4, { numLayers: 2, dropout: 1 });
    // All of it is dropped, so the second layer does not see the input.
    close(run(x)[0], run(x.mul(2))[0]);
    layer.eval();
    expect(
      run(x)[0]
        .sub(run(x.mul(2))[0])
        .abs()
        .max()
        .item(),
    ).toBeGreaterThan(1e-3);
  });

  it("starts uniform within one over the root of the hidden size", () => {
    manualSeed(3);
    const { layer } = make(50, 64, { numLayers: 2, bidirectional: true });
    for (const parameter of layer.parameters()) expectUniform(parameter, 1 / 8);
  });

  it("has PyTorch's keys, in its order", () => {
    const keys = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"];
    const withBoth = (list: string[]) => [...list, ...list.map((key) => `${key}_reverse`)];
    const next = keys.map((key) => key.replace("l0", "l1"));
    const { layer } = make(3, 4, { numLayers: 2, bidirectional: true });
    expect(keysOf(layer)).toEqual([...withBoth(keys), ...withBoth(next)]);
    expect(keysOf(make(3, 4, { bias: false }).layer)).toEqual(keys.slice(0, 2));
    expect(layer.weightIhL1Reverse!.shape[1]).toBe(8);
  });

  it("accepts an empty batch", () => {
    const [output, states] = make(3, 4).run(zeros([5, 0, 3]));
    expect([output.shape, states[0]!.shape]).toEqual([
      [5, 0, 4],
      [1, 0, 4],
    ]);
    output.sum().backward();
  });

  it("gives gradients to all parameters, through a long sequence", () => {
    const { layer, run } = make(2, 3, { numLayers: 2 });
    const x = randn([301, 2], { requiresGrad: true });
    run(x)[0].square().sum().backward();
    for (const parameter of layer.parameters()) expect(parameter.grad!.abs().sum().item()).toBeGreaterThan(0);
    expect(x.grad!.select(0, 0).abs().sum().item()).toBeGreaterThan(0);
  });

  it("refuses inputs that do not fit", () => {
    const { run } = make(3, 4);
    const { run: first } = make(3, 4, { batchFirst: true });
    expect(() => run(zeros([5, 2, 4]))).toThrow(ShapeError);
    expect(() => run(zeros([5, 2, 4]))).toThrow(
      `${name}: the input does not fit, shape [5, 2, 4] and 3 inputs; it must be [time, batch, 3], or [time, 3]`,
    );
    expect(() => first(zeros([3]))).toThrow("it must be [batch, time, 3], or [time, 3]");
    expect(() => run(zeros([0, 2, 3]))).toThrow(
      `${name}: the sequence is empty, shape [0, 2, 3]; give it a step`,
    );
    expect(() => run(zeros([5, 2, 3]), [zeros([1, 4]), zeros([1, 4])])).toThrow(
      `${name}: the state does not fit, shape [1, 4], not [1, 2, 4]; it is [layers * directions, batch, hidden]`,
    );
    expect(() => make(3, 0)).toThrow(
      `${name}: hiddenSize must be a whole number from 1 on, got 0; call it as`,
    );
    expect(() => make(3, 4, { numLayers: 1.5 })).toThrow(
      `${name}: numLayers must be a whole number from 1 on, got 1.5`,
    );
    expect(() => make(3, 4, { dropout: 2 })).toThrow(`${name}: dropout must be a number from 0 to 1, got 2`);
  });
});

describe("RNN", () => {
  it("may use relu in place of tanh", () => {
    const [output] = new RNN(3, 4, { nonlinearity: "relu" }).forward(randn([20, 3]));
    expect(output.min().item()).toBe(0);
    expect(() => new RNN(3, 4, { nonlinearity: "sigmoid" as "tanh" })).toThrow(
      'RNN: nonlinearity must be "tanh" or "relu", got "sigmoid"',
    );
    expect(String(new RNN(3, 4, { nonlinearity: "relu" }))).toBe(
      "RNN(3, 4, numLayers=1, bias=true, batchFirst=false, dropout=0, bidirectional=false, nonlinearity=relu)",
    );
  });
});

describe("LSTM", () => {
  it("may project its output", () => {
    const lstm = new LSTM(3, 5, { projSize: 2, numLayers: 2 });
    const [output, [h, c]] = lstm.forward(randn([4, 6, 3]));
    expect([output.shape, h.shape, c.shape]).toEqual([
      [4, 6, 2],
      [2, 6, 2],
      [2, 6, 5],
    ]);
    expect(lstm.weightHrL1!.shape).toEqual([2, 5]);
    expectTypeOf(lstm.weightHrL1!.shape).toEqualTypeOf<readonly number[]>();
    expect(() => new LSTM(3, 5, { projSize: 5 })).toThrow(ThalwegError);
    expect(() => new LSTM(3, 5, { projSize: 5 })).toThrow(
      "LSTM: projSize is 5, hiddenSize 5; it must be a smaller whole number, or 0 for no projection",
    );
  });
});
