import { Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU, Sequential } from "thalweg";
import { classes, side } from "./images";
import type { ModelName } from "./settings";

/** Models by name: [batch, 1, 28, 28] -> [batch, 10], scores of the digits. */
export const models: Readonly<Record<ModelName, () => Sequential>> = {
  /** Two hidden layers. */
  mlp: () =>
    new Sequential(
      new Flatten(),
      new Linear(side * side, 256),
      new ReLU(),
      new Dropout(0.2),
      new Linear(256, 128),
      new ReLU(),
      new Dropout(0.2),
      new Linear(128, classes),
    ),
  /** Two convolutions, each followed by pooling, and a hidden layer. Pooling first leaves less for ReLU to do. */
  cnn: () =>
    new Sequential(
      new Conv2d(1, 16, 3, { padding: 1 }),
      new MaxPool2d(2),
      new ReLU(),
      new Conv2d(16, 32, 3, { padding: 1 }),
      new MaxPool2d(2),
      new ReLU(),
      new Flatten(),
      new Linear(32 * 7 * 7, 128),
      new ReLU(),
      new Dropout(0.25),
      new Linear(128, classes),
    ),
};
