import { existsSync } from "node:fs";
import { complaint, UsageError } from "@thalweg/terminal";
import {
  createOptimizer,
  DataLoader,
  defaultGenerator,
  ExponentialLR,
  loadCheckpoint,
  manualSeed,
  type OptimizerRegistry,
  saveCheckpoint,
  type Tensor,
  ThalwegError,
} from "thalweg";
import { loadDigits } from "./digits";
import { models } from "./models";
import { defaults, type Options, type Settings } from "./options";
import type { Step } from "./train";

/** The whole state of training, as it can be saved and resumed. */
export class Session {
  readonly settings: Settings;
  readonly data: ReturnType<typeof loadDigits>;
  readonly model;
  readonly optimizer: ReturnType<typeof named>;
  readonly scheduler: ExponentialLR;
  readonly loader;
  /** Number of completed epochs. */
  epoch = 0;
  /** Sums over the steps of the current epoch. */
  sums: Step = { images: 0, loss: 0, correct: 0 };

  /** Whether it was resumed from a file. */
  isResumed = false;

  private constructor(settings: Settings) {
    const { seed, images, batchSize, lr, decay } = settings;
    this.settings = settings;
    // One seed for the split, the parameters, the order of the images and dropout.
    manualSeed(seed);
    this.data = loadDigits(images);
    this.model = models[settings.model]();
    this.optimizer = named(settings.optimizer, this.model.parameters(), lr);
    this.scheduler = new ExponentialLR(this.optimizer, { gamma: decay });
    this.loader = new DataLoader(this.data.train, { batchSize, shuffle: true });
  }

  /**
   * A new session, or the one that was saved.
   *
   * @throws UsageError when the file does not exist, or has other settings.
   */
  static async open({ settings, resume }: Options): Promise<Session> {
    if (resume === undefined) return new Session({ ...defaults, ...settings });
    if (!existsSync(resume)) throw new UsageError(`cannot resume from ${resume}: there is no such file`);
    try {
      const saved = (await loadCheckpoint(resume)) as { settings?: Settings; epoch: number; sums: Step };
      if (saved.settings === undefined) throw new UsageError(`${resume} is not a checkpoint of this program`);
      for (const [name, value] of Object.entries(settings)) {
        const old = saved.settings[name as keyof Settings];
        if (old !== value) throw new UsageError(`${resume} was made with ${name} ${old}, not ${value}`);
      }
      const session = new Session(saved.settings);
      await loadCheckpoint(resume, session.parts);
      Object.assign(session, { epoch: saved.epoch, sums: saved.sums, isResumed: true });
      return session;
    } catch (error) {
      if (error instanceof ThalwegError)
        throw new UsageError(`cannot resume from ${resume}: ${complaint(error)}`);
      throw error;
    }
  }

  private get parts() {
    const { model, optimizer, scheduler, loader } = this;
    return { model, optimizer, scheduler, loader, generator: defaultGenerator };
  }

  /** Number of parameters. */
  get size(): number {
    return this.model.parameters().reduce((sum, { size }) => sum + size, 0);
  }

  /** Adds a step to the sums. */
  add({ images, loss, correct }: Step): void {
    const { sums } = this;
    this.sums = { images: sums.images + images, loss: sums.loss + loss, correct: sums.correct + correct };
  }

  /** Ends an epoch. */
  endEpoch(): void {
    this.scheduler.step();
    this.sums = { images: 0, loss: 0, correct: 0 };
    this.epoch++;
  }

  /** @throws UsageError when the file cannot be written. */
  async save(path: string): Promise<void> {
    const { settings, epoch, sums } = this;
    try {
      await saveCheckpoint(path, { ...this.parts, settings, epoch, sums });
    } catch (error) {
      throw error instanceof ThalwegError ? new UsageError(complaint(error)) : error;
    }
  }
}

function named(name: string, params: Tensor[], lr: number) {
  try {
    return createOptimizer(name as keyof OptimizerRegistry, params, { lr });
  } catch (error) {
    if (error instanceof ThalwegError) throw new UsageError(complaint(error));
    throw error;
  }
}
