import address from "virtual:digits";
import { type Images, imagesOf, side, standardised } from "digits/images";
import { brightness, unpack } from "digits/packed";
import { Session } from "digits/session";
import { counts, type Settings } from "digits/settings";
import { type Reading, readTests } from "digits/train";
import { type Bytes, noGrad, ready, TensorDataset, zeros } from "thalweg";
import { type Slice, Trainer } from "./trainer";

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

/** All images, and their bytes. */
interface Fetched {
  readonly images: Images;
  readonly pixels: Uint8Array;
  readonly digits: Float32Array;
}

/** The time of a slice of training, in milliseconds. */
const slice = 80;
/** The most mistakes and filters that are shown. */
const [mostMistakes, mostFilters] = [24, 32];

/** Images of nothing. Where training begins does not depend on them. */
const total = counts.train + counts.test;
const blank: Images = new TensorDataset(zeros([1, 1, 1, 1]).expand([total, 1, side, side]), zeros([total]));

let fetched: Promise<Fetched> | undefined;
let trainer: Trainer | undefined;
let isBlank = true;
let last: Promise<unknown> = Promise.resolve();

/** Runs what changes the session, or the generator that it draws from, after what runs already. */
function alone<T>(run: () => Promise<T>): Promise<T> {
  const result = last.then(run, run);
  last = result;
  return result;
}

async function fetchImages(): Promise<Fetched> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  const plain = answer.body!.pipeThrough(new DecompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(plain).arrayBuffer());
  const unpacked = unpack(bytes);
  return {
    images: imagesOf(unpacked),
    digits: unpacked.digits,
    pixels: bytes.subarray(unpacked.digits.length),
  };
}

/** The images, which are fetched once. */
function allImages(): Promise<Fetched> {
  fetched ??= fetchImages().catch((error) => {
    fetched = undefined;
    throw error;
  });
  return fetched;
}

async function prepare(device: Device): Promise<void> {
  await ready();
  if (device === "webgpu") await (await import("thalweg/webgpu")).initWebGPU();
}

function start(session: Session, isWithoutImages: boolean): Status {
  trainer = new Trainer(session);
  isBlank = isWithoutImages;
  const { settings, size, done, perEpoch } = session;
  return { settings, device: session.device as Device, size, epoch: done / perEpoch };
}

const pixelsOf = ({ pixels }: Fetched, image: number) =>
  pixels.slice(image * side ** 2, (image + 1) * side ** 2);

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
  open: (settings: Settings, device: Device): Promise<Status> =>
    alone(async () => {
      await prepare(device);
      return start(new Session(settings, blank, device), true);
    }),

  /** Goes on with what was saved; if it cannot be used, nothing changes. */
  load: (bytes: Uint8Array, device: Device): Promise<{ status: Status; result: Result }> =>
    alone(async () => {
      await prepare(device);
      const { images } = await allImages();
      const session = await Session.resume(bytes, images, { device });
      const result = await resultOf(await readTests(session));
      return { status: start(session, false), result };
    }),

  /** Goes on with another device. */
  move: (device: Device): Promise<Status> =>
    alone(async () => {
      await prepare(device);
      const { session } = trainer!;
      const images = isBlank ? blank : (await allImages()).images;
      return start(await Session.resume(await session.bytes(), images, { device }), isBlank);
    }),

  /** What the terminal takes, too. */
  save: (): Promise<Bytes> => alone(() => trainer!.session.bytes()),

  /** Fetches the images, if need be. */
  async prepare(): Promise<void> {
    await allImages();
  },

  /** Trains for a moment. */
  advance: (epochs: number): Promise<Progress> =>
    alone(async () => {
      if (isBlank) {
        const { settings, device } = trainer!.session;
        start(new Session(settings, (await allImages()).images, device), false);
      }
      const { readings, ...rest } = await trainer!.advance(epochs, slice);
      return { ...rest, result: readings && (await resultOf(readings)) };
    }),

  /** Time will pass without training. */
  rest: () => alone(async () => trainer!.rest()),

  /** The probability of each digit; null before there is a model. */
  async guess(pixels: Uint8Array): Promise<Float32Array | null> {
    if (trainer === undefined) return null;
    const { model, device } = trainer.session;
    const { training } = model;
    const image = standardised(brightness(pixels)).to(device);
    model.eval();
    const probabilities = noGrad(() => model.forward(image).softmax(1));
    model.train(training);
    return (await probabilities.data()) as Float32Array;
  },

  /** The first layer; null before there is a model. */
  async filters(): Promise<Filters | null> {
    if (trainer === undefined) return null;
    const weight = trainer.session.model.parameters()[0]!;
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
    const { indices } = trainer!.session.data.test;
    return indices[Math.floor(place * indices.length)]!;
  },
};
