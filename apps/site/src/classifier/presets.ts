import { initialState, type State, settingsOf } from "./fields";

/** What shows one thing each. */
export const presetNames = ["vanishing", "overfitting", "dead", "rate", "hidden"] as const;

/** The name of a preset. */
export type PresetName = (typeof presetNames)[number];

/** How each differs from the beginning. */
const changes: Readonly<Record<PresetName, Partial<State>>> = {
  vanishing: {
    layers: [6, 6, 6, 6, 6],
    activation: "sigmoid",
    optimizer: "sgd",
    rate: 0.3,
    edges: "slopes",
  },
  overfitting: { data: "moons", count: 60, noise: 0.6, share: 0.5, seed: 2, layers: [8, 8], epoch: 300 },
  dead: { layers: [8, 8], activation: "relu", optimizer: "momentum", rate: 1, seed: 2 },
  rate: { optimizer: "sgd", rate: 10 },
  hidden: { data: "xor", seed: 3, layers: [], epoch: 100 },
};

/** The state that shows a preset; what the reader likes is left as it is. */
export function presetState(name: PresetName, { own, pace, hasTest }: State): State {
  return { ...initialState, own, pace, hasTest, ...changes[name] };
}

/** The preset whose training a state has. */
export function presetOf(state: State): PresetName | undefined {
  const key = (of: State) => JSON.stringify(settingsOf(of));
  return presetNames.find((name) => key(presetState(name, state)) === key(state));
}
