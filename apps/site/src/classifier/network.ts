import {
  Dropout,
  GELU,
  Identity,
  type Layer,
  LeakyReLU,
  Linear,
  ReLU,
  Sequential,
  Sigmoid,
  stack,
  Tanh,
  type Tensor,
} from "thalweg";
import type { ActivationName, FeatureName, Settings } from "./settings";

const features: Readonly<Record<FeatureName, (x: Tensor, y: Tensor) => Tensor>> = {
  x: (x) => x,
  y: (_, y) => y,
  xSquared: (x) => x.square(),
  ySquared: (_, y) => y.square(),
  product: (x, y) => x.mul(y),
  sinX: (x) => x.sin(),
  sinY: (_, y) => y.sin(),
};

const activations: Readonly<Record<ActivationName, () => Layer>> = {
  tanh: () => new Tanh(),
  relu: () => new ReLU(),
  sigmoid: () => new Sigmoid(),
  leakyRelu: () => new LeakyReLU(0.1),
  gelu: () => new GELU(),
  linear: () => new Identity(),
};

/** What the network is given of each place: [places, 2] -> [places, features]. */
export function featuresOf(places: Tensor, names: readonly FeatureName[]): Tensor {
  const [x, y] = places.unbind(1) as [Tensor, Tensor];
  return stack(
    names.map((name) => features[name](x, y)),
    1,
  );
}

/** A network from features to one logit. */
export interface Network {
  /** Hidden layers, and the one of the output: [in] -> [out] each. */
  readonly linears: readonly Linear[];
  /** Hidden layers with what follows them, and the one of the output. */
  readonly layers: Sequential;
}

/** Makes the network of some settings, whose parameters come from the default generator. */
export function networkOf({ features, layers, activation, penalty, dropped }: Settings): Network {
  const sizes = [features.length, ...layers];
  const hidden = layers.map((neurons, i) => new Linear(sizes[i]!, neurons));
  const output = new Linear(sizes.at(-1)!, 1);
  const follow = () =>
    penalty === "dropout" ? [activations[activation](), new Dropout(dropped)] : [activations[activation]()];
  return {
    linears: [...hidden, output],
    layers: new Sequential(...hidden.map((linear) => new Sequential(linear, ...follow())), output),
  };
}

/** The outputs of each layer, the logit last: [places, neurons] each. */
export function outputsOf({ layers }: Network, inputs: Tensor): Tensor[] {
  const outputs: Tensor[] = [];
  for (const layer of layers as Iterable<Layer>) outputs.push(layer.forward(outputs.at(-1) ?? inputs));
  return outputs;
}
