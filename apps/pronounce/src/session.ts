import {
  AdamW,
  type ByteSource,
  DataLoader,
  defaultGenerator,
  type FilePath,
  LambdaLR,
  loadCheckpoint,
  manualSeed,
  saveCheckpoint,
} from "thalweg";
import { type Batch, batchOf, type Example, LengthSampler } from "./data/example";
import { type Material, materialOf } from "./data/material";
import { GPT } from "./model/gpt";
import { defaultLengths, isLength, isSettings, type Length, presets, type Settings } from "./settings";

/** What was saved is no session, or another one than was asked for. The message is what a file is said to be. */
export class SessionError extends Error {
  override readonly name = "SessionError";
}

/** Share of training in which the learning rate rises; after that it falls, to this share of the highest. */
const [warmup, lowest] = [0.04, 0.02];

/** The factor of the learning rate when a share of training, from 0 to 1, is done: a line, then half a cosine. */
export function rateFactor(done: number): number {
  if (done < warmup) return Math.max(done / warmup, 1e-3);
  const fall = Math.min(1, (done - warmup) / (1 - warmup));
  return lowest + ((1 - lowest) * (1 + Math.cos(Math.PI * fall))) / 2;
}

/** Sums over some steps. */
export interface Sums {
  readonly tokens: number;
  readonly loss: number;
}

const nothing: Sums = { tokens: 0, loss: 0 };

/** Places that hold a session's model, or all of it. */
export interface OpenOptions {
  /** How long training takes; as long as the preset says, or as was saved, unless given. */
  readonly length?: Length | undefined;
  /** The device that computes; the CPU unless given. */
  readonly device?: string;
}

/** The whole state of training, as it can be saved and resumed. */
export class Session {
  readonly settings: Settings;
  readonly length: Length;
  readonly material: Material;
  readonly model: GPT;
  readonly optimizer: AdamW;
  readonly scheduler: LambdaLR;
  readonly loader: DataLoader<Example, Batch>;
  /** Number of steps that are done. */
  step = 0;
  /** Seconds that they took, with everything between them. */
  seconds = 0;
  /** Sums since they were last reported. */
  sums: Sums = nothing;
  isResumed = false;

  constructor(settings: Settings, { length, device = "cpu" }: OpenOptions = {}) {
    const { task, preset, seed, accumulate, positions, norm, activation, checkpoint } = settings;
    const { batchSize, lr, ...sizes } = presets[preset];
    this.settings = settings;
    this.length = length ?? defaultLengths[task][preset];
    // One seed for the split, the parameters, and then the order of the words and dropout.
    manualSeed(seed);
    this.material = materialOf(settings, sizes.context);
    const { train, vocabulary } = this.material;
    const config = { ...sizes, vocabulary: vocabulary.size, positions, norm, activation, checkpoint };
    this.model = new GPT(config).to(device);
    this.optimizer = optimizerOf(this.model, lr);
    this.scheduler = new LambdaLR(this.optimizer, { lrLambda: () => rateFactor(this.done) });
    const part = Math.max(1, Math.floor(batchSize / accumulate));
    this.loader = new DataLoader(train, {
      batchSize: part,
      sampler: new LengthSampler(train, part),
      collate: (examples: Example[]) => batchOf(examples, sizes.context),
    });
  }

  /**
   * The session that was saved.
   *
   * @throws SessionError when it has other settings, or none.
   * @throws ThalwegError when the file cannot be read, or does not fit.
   */
  static async resume(
    source: ByteSource,
    wanted: Partial<Settings>,
    options: OpenOptions = {},
  ): Promise<Session> {
    const saved = await loadCheckpoint<Record<string, unknown>>(source);
    const { settings, length, step, seconds, sums } = saved;
    if (
      !isSettings(settings) ||
      !isLength(length) ||
      !isAmount(step) ||
      !isAmount(seconds) ||
      !isSums(sums)
    ) {
      throw new SessionError("is not a checkpoint of this program");
    }
    for (const [name, value] of Object.entries(wanted)) {
      const old = settings[name as keyof Settings];
      if (old !== value) throw new SessionError(`was made with ${name} ${old}, not ${value}`);
    }
    const session = new Session(settings, { ...options, length: options.length ?? length });
    await loadCheckpoint(source, session.parts);
    return Object.assign(session, { step, seconds, sums, isResumed: true });
  }

  /** The share of training that is done, from 0 to 1. */
  get done(): number {
    const { length } = this;
    return Math.min(1, "steps" in length ? this.step / length.steps : this.seconds / (60 * length.minutes));
  }

  /** What is loaded into, by name. */
  private get parts() {
    const { model, optimizer, scheduler, loader } = this;
    return { model, optimizer, scheduler, loader, generator: defaultGenerator };
  }

  /** Number of parameters. */
  get size(): number {
    return this.model.parameters().reduce((sum, { size }) => sum + size, 0);
  }

  /** Counts a step that is done. */
  add({ tokens, loss }: Sums, seconds: number): void {
    this.step++;
    this.seconds += seconds;
    this.sums = { tokens: this.sums.tokens + tokens, loss: this.sums.loss + loss };
    this.scheduler.step();
  }

  /** The mean loss of a token since this was last asked. */
  takeLoss(): number {
    const { tokens, loss } = this.sums;
    this.sums = nothing;
    return loss / tokens;
  }

  /** @throws FileError when the file cannot be written. */
  save(path: FilePath): Promise<void> {
    const { settings, length, step, seconds, sums } = this;
    return saveCheckpoint(path, { ...this.parts, settings, length, step, seconds, sums });
  }
}

/** Matrices are kept small; biases and the parameters of norms are not. */
export function optimizerOf(model: GPT, lr: number): AdamW {
  const parameters = model.parameters();
  const matrices = parameters.filter(({ ndim }) => ndim >= 2);
  const others = parameters.filter(({ ndim }) => ndim < 2);
  const groups = [
    { params: matrices, weightDecay: 0.1 },
    { params: others, weightDecay: 0 },
  ];
  // The gradient of the keys' biases is 0 but for rounding, which a smaller eps would make steps of.
  return new AdamW(groups, { lr, betas: [0.9, 0.99], eps: 1e-6 });
}

const isAmount = (value: unknown): value is number => Number.isFinite(value) && (value as number) >= 0;

function isSums(value: unknown): value is Sums {
  const { tokens, loss } = Object(value) as Partial<Sums>;
  return isAmount(tokens) && Number.isFinite(loss);
}
