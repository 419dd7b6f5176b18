import { manualSeed, type Sequential } from "thalweg";
import { type Digits, divide, type Images } from "./images";
import { models } from "./models";
import type { Settings } from "./settings";

/** A model, and the images to train and to test it with. */
export interface Start {
  readonly data: Readonly<Record<"train" | "test", Digits>>;
  readonly model: Sequential;
}

/** Where training starts: one seed for the split, the parameters, and then the order of the images and dropout. */
export function start({ seed, images: count, model }: Settings, images: Images): Start {
  manualSeed(seed);
  return { data: divide(images, count), model: models[model]() };
}
