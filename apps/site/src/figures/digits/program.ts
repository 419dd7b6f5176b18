import { type Images, side, standardised } from "digits/images";
import { brightness } from "digits/packed";
import { counts, type Settings } from "digits/settings";
import { type Start, start } from "digits/start";
import type { Reading } from "digits/train";
import { type Bytes, noGrad, ready, TensorDataset, zeros } from "thalweg";
import { allImages, pixelsOf } from "./fetched";
import type { Slice, Trainer } from "./trainer";

/** A device that trains. */
export type Device = "cpu" | "webgpu";

/** What is trained. */
export interface Status {
  readonly settings: Settings;
  readonly device: Device;
  /** Number of parameters. */
  readonly size: number;
  /** Where training is, in epochs. */
  readonly epoch: number;
}

/** A test image that is misread. */
export interface Mistake extends Reading {
  /** A byte for each pixel. */
  readonly pixels: Uint8Array;
}

/** How well the test images are read. */
export interface Result {
  readonly accuracy: number;
  /** Number of misread images. */
  readonly wrong: number;
  /** Those of them of which the model is surest. */
  readonly mistakes: readonly Mistake[];
}

/** What happened in a slice of training. */
export interface Progress extends Omit<Slice, "readings"> {
  readonly result: Result | undefined;
}

/** Weights of neurons of the first layer, one after the other. */
export interface Filters {
  readonly weights: Float32Array;
  readonly count: number;
  /** Side of the square that each of them looks at. */
  readonly side: number;
}

/** The time of a slice of training, in milliseconds. */
const slice = 80;
/** The most mistakes and filters that are shown. */
const [mostMistakes, mostFilters] = [24, 32];

/** Images of nothing. Where training begins does not depend on them. */
const total = counts.train + counts.test;
const blank: Images = new TensorDataset(zeros([1, 1, 1, 1]).expand([total, 1, side, side]), zeros([total]));

/** The model that answers. */
interface Reader extends Start {
  readonly settings: Settings;
  readonly device: string;
}

let reader: Reader | undefined;
/** Trains that model; it is made, and its code fetched, when it is needed. */
let trainer: Trainer | undefined;
let last: Promise<unknown> = Promise.resolve();

/** Runs what changes the session, or the generator that it draws from, after what runs already. */
function alone<T>(run: () => Promise<T>): Promise<T> {
  const result = last.then(run, run);
  last = result;
  return result;
}

async function prepare(device: Device): Promise<void> {
  if (device === "webgpu") await (await import("thalweg/webgpu")).initWebGPU();
}

function statusOf({ settings, model, device }: Reader, epoch: number): Status {
  const size = model.parameters().reduce((sum, parameter) => sum + parameter.size, 0);
  return { settings, device: device as Device, size, epoch };
}

/** The trainer of the model. */
async function training(): Promise<Trainer> {
  const { Session, Trainer } = await import("./trainer");
  const { images } = await allImages();
  await ready();
  if (trainer === undefined) {
    const { settings, device } = reader!;
    trainer = new Trainer(new Session(settings, images, device));
    reader = trainer.session;
  }
  return trainer;
}

/** Goes on with a session that was saved. */
async function resume(bytes: Uint8Array, device: Device): Promise<Trainer> {
  const { Session, Trainer } = await import("./trainer");
  await prepare(device);
  await ready();
  const session = await Session.resume(bytes, (await allImages()).images, { device });
  return new Trainer(session);
}

/** Lets a trainer take the place of the one before. */
function take(next: Trainer): Status {
  trainer = next;
  reader = next.session;
  return statusOf(reader, next.epoch);
}

async function open(settings: Settings, device: Device): Promise<Status> {
  await prepare(device);
  const { data, model } = start(settings, blank);
  trainer = undefined;
  reader = { settings, device, data, model: model.to(device) };
  return statusOf(reader, 0);
}

async function resultOf(readings: readonly Reading[]): Promise<Result> {
  const all = await allImages();
  const wrong = readings.filter(({ digit, guess }) => digit !== guess);
  const mistakes = wrong
    .sort((a, b) => b.probability - a.probability)
    .slice(0, mostMistakes)
    .map((reading) => ({ ...reading, pixels: pixelsOf(all, reading.image) }));
  return { accuracy: 1 - wrong.length / readings.length, wrong: wrong.length, mistakes };
}

/** Trains a network that reads digits. */
export const program = {
  /** Starts anew. The images are not needed yet. */
  open: (settings: Settings, device: Device): Promise<Status> => alone(() => open(settings, device)),

  /** Goes on with what was saved; if it cannot be used, nothing changes. */
  load: (bytes: Uint8Array, device: Device): Promise<{ status: Status; result: Result }> =>
    alone(async () => {
      const next = await resume(bytes, device);
      const result = await resultOf(await next.test());
      return { status: take(next), result };
    }),

  /** Goes on with another device. */
  move: (device: Device): Promise<Status> =>
    alone(async () =>
      trainer === undefined
        ? open(reader!.settings, device)
        : take(await resume(await trainer.session.bytes(), device)),
    ),

  /** What the terminal takes, too. */
  save: (): Promise<Bytes> => alone(async () => (await training()).session.bytes()),

  /** Fetches the images, if need be. */
  async prepare(): Promise<void> {
    await allImages();
  },

  /** Trains for a moment. */
  advance: (epochs: number): Promise<Progress> =>
    alone(async () => {
      const { readings, ...rest } = await (await training()).advance(epochs, slice);
      return { ...rest, result: readings && (await resultOf(readings)) };
    }),

  /** Time will pass without training. */
  rest: () => alone(async () => trainer?.rest()),

  /** The probability of each digit; null before there is a model. */
  async guess(pixels: Uint8Array): Promise<Float32Array | null> {
    if (reader === undefined) return null;
    const { model, device } = reader;
    const { training } = model;
    const image = standardised(brightness(pixels)).to(device);
    model.eval();
    const probabilities = noGrad(() => model.forward(image).softmax(1));
    model.train(training);
    return (await probabilities.data()) as Float32Array;
  },

  /** The first layer; null before there is a model. */
  async filters(): Promise<Filters | null> {
    if (reader === undefined) return null;
    const weight = reader.model.parameters()[0]!;
    const count = Math.min(mostFilters, weight.shape[0]!);
    const weights = noGrad(() => weight.narrow(0, 0, count).clone());
    return { weights: (await weights.data()) as Float32Array, count, side: Math.sqrt(weights.size / count) };
  },

  /** An image and its digit. */
  async image(image: number): Promise<{ pixels: Uint8Array; digit: number }> {
    const all = await allImages();
    return { pixels: pixelsOf(all, image), digit: all.digits[image]! };
  },

  /** The test image at a place from 0 to 1 among them. */
  testImage(place: number): number {
    const { indices } = reader!.data.test;
    return indices[Math.floor(place * indices.length)]!;
  },
};
