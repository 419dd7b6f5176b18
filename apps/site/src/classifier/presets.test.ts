import { ready } from "thalweg";
import { describe, expect, test } from "vitest";
import { accuracyOf } from "./accuracy";
import { initialState, type State, settingsOf } from "./fields";
import { type PresetName, presetOf, presetState } from "./presets";
import { sides } from "./settings";
import { type Snapshot, startTraining } from "./training";

await ready();

/** The end of a training in a state. */
function trained(state: State): Snapshot {
  const training = startTraining(settingsOf(state));
  while (training.epoch < state.epoch && !training.hasDiverged) training.advance();
  return training.snapshot();
}

const shows = (name: PresetName, changes: Partial<State> = {}) =>
  trained({ ...presetState(name, initialState), ...changes });

/** The mean size of the gradients of the weights into each layer. */
const slopesOf = ({ layers }: Snapshot) =>
  layers.map(
    ({ slopes }) => slopes!.weights.reduce((sum, g) => sum + Math.abs(g), 0) / slopes!.weights.length,
  );

/** Hidden neurons that are zero everywhere, and all of them. */
function deadOf({ maps }: Snapshot): { dead: number; all: number } {
  let [dead, all] = [0, 0];
  for (const map of maps) {
    const count = map.length / sides.neuron ** 2;
    all += count;
    for (let k = 0; k < count; k++) if (map.every((value, i) => i % count !== k || value === 0)) dead++;
  }
  return { dead, all };
}

describe("each preset shows what it says", () => {
  test("vanishing gradients with sigmoid, and none with tanh", () => {
    const [first, ...rest] = slopesOf(shows("vanishing"));
    const last = rest.at(-1)!;
    expect(first! * 1000).toBeLessThan(last);
    expect(rest.every((slope, i) => slope > [first!, ...rest][i]!)).toBe(true);
    const { train } = shows("vanishing", { activation: "tanh" });
    expect(accuracyOf(train.confusion)).toBeGreaterThan(0.95);
    expect(accuracyOf(shows("vanishing").train.confusion)).toBeLessThan(0.6);
  });

  test("overfitting: the test loss rises while the training loss falls to zero", () => {
    const { train, test, layers } = shows("overfitting");
    const parameters = layers.reduce((sum, { weights, biases }) => sum + weights.length + biases.length, 0);
    expect(parameters).toBe(105);
    expect(train.confusion.flat().reduce((a, b) => a + b)).toBe(30);
    expect(train.losses.at(-1)!).toBeLessThan(0.001);
    const least = Math.min(...test!.losses);
    expect(test!.losses.indexOf(least)).toBeLessThan(150);
    expect(test!.losses.at(-1)!).toBeGreaterThan(3 * least);
    const held = shows("overfitting", { penalty: "l2", strength: 0.03 });
    expect(held.test!.losses.at(-1)!).toBeLessThan(test!.losses.at(-1)! / 2);
  });

  test("dead ReLUs: neurons without output and gradient, and few of them with a smaller rate", () => {
    const snapshot = shows("dead");
    const { dead, all } = deadOf(snapshot);
    expect(dead).toBeGreaterThan(all / 2);
    expect(slopesOf(snapshot)[0]).toBe(0);
    const calm = shows("dead", { rate: 0.05 });
    expect(deadOf(calm).dead).toBeLessThan(all / 4);
    expect(accuracyOf(calm.train.confusion)).toBeGreaterThan(0.95);
  });

  test("too large a rate: the loss jumps, and ends above its beginning", () => {
    const { losses } = shows("rate").train;
    const rises = losses.filter((loss, i) => i > 0 && loss > losses[i - 1]!).length;
    expect(rises).toBeGreaterThan(losses.length / 4);
    expect(losses.at(-1)!).toBeGreaterThan(losses[0]!);
    expect(shows("rate", { rate: 0.3 }).train.losses.at(-1)!).toBeLessThan(0.1);
  });

  test("why hidden layers: XOR fails without, and works with four neurons", () => {
    for (const seed of [1, 2, 3]) {
      const { train, test } = shows("hidden", { seed });
      expect(accuracyOf(train.confusion)).toBeGreaterThan(0.4);
      expect(accuracyOf(train.confusion)).toBeLessThan(0.6);
      expect(accuracyOf(test!.confusion)).toBeLessThan(0.7);
    }
    const deep = shows("hidden", { layers: [4] });
    expect(accuracyOf(deep.train.confusion)).toBeGreaterThan(0.95);
    expect(accuracyOf(deep.test!.confusion)).toBeGreaterThan(0.9);
  });
});

test("a preset is known by its training, whatever else the reader chose", () => {
  const state = presetState("dead", { ...initialState, pace: "full" });
  expect(state.pace).toBe("full");
  expect(presetOf({ ...state, epoch: 7, edges: "slopes" })).toBe("dead");
  expect(presetOf({ ...state, rate: 0.5 })).toBeUndefined();
  expect(presetOf(initialState)).toBeUndefined();
});
