import { type Kind, kind, required } from "@thalweg/tensor/internal";

/** Data that know their position, as a `DataLoader` does. */
export interface Positioned {
  stateDict(): unknown;
  prepareLoad(state: unknown): () => void;
}

export const positioned = (data: object): Positioned | null => {
  const { stateDict, prepareLoad } = data as Partial<Positioned>;
  return stateDict !== undefined && prepareLoad !== undefined ? (data as Positioned) : null;
};

/** Whether an object has methods of these names. */
export const hasMethods = (value: unknown, names: readonly string[]) =>
  names.every((name) => typeof Object(value)[name] === "function");

export const optimizerKind: Kind = /* @__PURE__ */ required(
  /* @__PURE__ */ kind("an optimizer", (value) =>
    hasMethods(value, ["zeroGrad", "step", "stateDict", "prepareLoad"]),
  ),
);
