import { Dropout, Flatten, Linear, ReLU, Sequential } from "thalweg";
import { classes, side } from "./digits";

/** What the names of models stand for: [batch, 1, 28, 28] -> [batch, 10], scores of the digits. */
export const models = {
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
};

export type ModelName = keyof typeof models;
