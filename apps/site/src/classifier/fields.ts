import { choice, type Field, flag, integer, maybe, number } from "../frame/use-url-state";
import { some } from "../race/fields";
import { scheduleNames } from "../schedules/names";
import {
  activationNames,
  batchNames,
  dataNames,
  type Example,
  featureNames,
  lengths,
  limits,
  optimizerNames,
  penaltyNames,
  reach,
  type Settings,
} from "./settings";

const none = "none";
const between = "_";

/** Neurons of hidden layers; there may be none. */
const layers: Field<readonly number[]> = {
  initial: [4, 2],
  parse(text) {
    const found = text === none ? [] : text.split(between).map(Number);
    const fits = (neurons: number) => Number.isInteger(neurons) && neurons >= 1 && neurons <= limits.neurons;
    return found.length <= limits.layers && found.every(fits) ? found : undefined;
  },
  format: (value) => value.join(between) || none,
};

/** A ring around a few points, for a beginning. */
const few: readonly Example[] = [
  [-0.4, 0.3, 1],
  [0.5, 0.4, 1],
  [0, -0.5, 1],
  [0.1, 0.1, 1],
  [-1.9, -0.6, 0],
  [-1.5, 1.3, 0],
  [0, 1.9, 0],
  [1.6, 1.2, 0],
  [1.9, -0.5, 0],
  [1.1, -1.6, 0],
  [-0.2, -2, 0],
  [-1.3, -1.5, 0],
];

/** Examples that the reader has placed. */
const examples: Field<readonly Example[]> = {
  initial: few,
  parse(text) {
    const found = text.split(between).map((one) => one.split("~").map(Number));
    const fits = ([x, y, kind]: readonly number[]) =>
      Math.abs(x!) <= reach && Math.abs(y!) <= reach && (kind === 0 || kind === 1);
    const isRight = found.length <= limits.own && found.every((one) => one.length === 3 && fits(one));
    return isRight ? (found as unknown as Example[]) : undefined;
  },
  format: (value) => value.map((one) => one.join("~")).join(between),
};

const features = some(featureNames, ["x", "y"]);

/** A neuron that is looked at: its layer, and its place in it. */
export type Position = readonly [layer: number, neuron: number];

const position: Field<Position | undefined> = maybe({
  initial: [0, 0],
  parse(text) {
    const found = text.split("-").map(Number);
    const isRight = found.length === 2 && found.every((one) => Number.isInteger(one) && one >= 0);
    return isRight ? (found as unknown as Position) : undefined;
  },
  format: (value) => value.join("-"),
});

/** What the address holds. */
export const fields = {
  data: choice(dataNames, "circles"),
  own: examples,
  count: integer(200, limits.count.least, limits.count.most),
  noise: number(0.2, 0, limits.noise),
  share: number(0.7, limits.share.least, limits.share.most),
  seed: integer(1),
  features: { ...features, parse: (text: string) => (text === "" ? undefined : features.parse(text)) },
  layers,
  activation: choice(activationNames, "tanh"),
  optimizer: choice(optimizerNames, "adam"),
  rate: number(0.03, limits.rate.least, limits.rate.most),
  schedule: choice(scheduleNames, "constant"),
  length: choice(lengths, "300"),
  batch: choice(batchNames, "16"),
  penalty: choice(penaltyNames, "none"),
  strength: number(0.003, limits.strength.least, limits.strength.most),
  dropped: number(0.2, limits.dropped.least, limits.dropped.most),
  epoch: integer(60, 0, 2000),
  pace: choice(["slow", "quick", "full"], "quick"),
  edges: choice(["weights", "slopes"], "weights"),
  hasTest: flag(true),
  neuron: position,
};

type Values<Fields> = {
  [Name in keyof Fields]: Fields[Name] extends Field<infer Value> ? Value : never;
};

/** What the reader can change. */
export type State = Values<typeof fields>;

/** The settings of a training. What they do not use is left out of them: to change it changes nothing. */
export function settingsOf(state: State): Settings {
  const { data, share, seed, features, layers, activation, optimizer, rate, schedule, batch, penalty } =
    state;
  const isOwn = data === "own";
  const isScaled = penalty === "l1" || penalty === "l2";
  return {
    ...{ data, share, seed, features, layers, activation, optimizer, rate, schedule, batch, penalty },
    own: isOwn ? state.own : [],
    count: isOwn ? 0 : state.count,
    noise: isOwn ? 0 : state.noise,
    epochs: Number(state.length),
    strength: isScaled ? state.strength : 0,
    dropped: penalty === "dropout" ? state.dropped : 0,
  };
}

/** The state in which the figure comes. */
export const initialState = Object.fromEntries(
  Object.entries(fields).map(([name, { initial }]) => [name, initial]),
) as unknown as State;
