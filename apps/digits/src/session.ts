import {
  type ByteSource,
  type Bytes,
  createOptimizer,
  DataLoader,
  type DataLoaderState,
  defaultGenerator,
  ExponentialLR,
  type FilePath,
  loadCheckpoint,
  type OptimizerRegistry,
  type Sampler,
  type Sequential,
  Subset,
  saveCheckpoint,
  type Tensor,
} from "thalweg";
import type { Digits, Images } from "./images";
import { isSettings, type Settings } from "./settings";
import { type Start, start } from "./start";
import type { Step } from "./train";

/** The cost of testing with an image, relative to training with one. */
export const testCost = 0.3;

type Loader = ReturnType<typeof loaderOf>;

const loaderOf = (images: Digits) => new DataLoader(images);

/** What was saved is no session, or another one than was asked for. The message is what a file is said to be. */
export class SessionError extends Error {
  override readonly name = "SessionError";
}

/** Processes that train together. Each has a session of its own, with the same model. */
export interface Team {
  readonly rank: number;
  readonly size: number;
  /** Chooses the images that this process trains with. */
  samplerOf(images: Digits): Sampler;
  /** The state of the loader of a team of any size, for that of this one. */
  stateFor(loader: Loader, state: DataLoaderState): DataLoaderState;
  /** The forward pass of a model that learns from the images of all. */
  forwardOf(model: Sequential): (images: Tensor) => Tensor;
  /** Goes on with random numbers of its own, after all have loaded the same. */
  diverge(): void;
  /** The sums over all processes. */
  sum(step: Step): Step;
  /** What all processes have. */
  join<T>(own: readonly T[]): T[];
  /** Whether all processes agree. */
  agree(own: boolean): boolean;
  /** Has the first process do something that all wait for. */
  onFirst(body: () => Promise<void>): Promise<void>;
  /** A file of the first process. */
  read(path: string): Promise<Uint8Array>;
}

/** What a file is asked for. */
export interface ResumeOptions {
  /** The processes that go on together; this one alone unless given. */
  readonly team?: Team | undefined;
  /** The device to go on with; the CPU unless given. */
  readonly device?: string;
  /** Settings that it must have. */
  readonly settings?: Partial<Settings>;
}

/** The whole state of training, as it can be saved and resumed. */
export class Session implements Start {
  readonly settings: Settings;
  /** The device that computes. */
  readonly device: string;
  readonly data: Start["data"];
  readonly model: Sequential;
  readonly optimizer: ReturnType<typeof named>;
  readonly scheduler: ExponentialLR;
  readonly loader: Loader;
  /** The processes that train together; null if this one is alone. */
  readonly team: Team | null;
  /** The model's forward pass. */
  readonly forward: (images: Tensor) => Tensor;
  /** The images that this process tests with. */
  readonly tests: Digits;
  /** Number of completed epochs. */
  epoch = 0;
  /** Sums over the steps of the current epoch. */
  sums: Step = { images: 0, loss: 0, correct: 0 };

  /** Whether it was resumed from a file. */
  isResumed = false;

  /** @throws ThalwegError when there is no such optimizer, or when it refuses its rate. */
  constructor(settings: Settings, images: Images, device = "cpu", team: Team | null = null) {
    const { batchSize, lr, decay } = settings;
    const { data, model } = start(settings, images);
    this.settings = settings;
    this.device = device;
    this.data = data;
    this.model = model.to(device);
    this.optimizer = named(settings.optimizer, this.model.parameters(), lr);
    this.scheduler = new ExponentialLR(this.optimizer, { gamma: decay });
    this.team = team;
    const { train, test } = data;
    if (team === null) {
      this.loader = new DataLoader(train, { batchSize, shuffle: true });
      this.forward = (images) => this.model.forward(images);
      this.tests = test;
    } else {
      const { rank, size } = team;
      this.loader = new DataLoader(train, { batchSize: batchSize / size, sampler: team.samplerOf(train) });
      this.forward = team.forwardOf(this.model);
      this.tests = new Subset(
        images,
        test.indices.filter((_, i) => i % size === rank),
      );
    }
  }

  /**
   * The session that was saved. If it cannot be resumed, random numbers are drawn as if this had not been tried.
   *
   * @throws SessionError when it has other settings, or none.
   * @throws ThalwegError when the file cannot be read, or does not fit.
   */
  static async resume(saved: ByteSource, images: Images, options: ResumeOptions = {}): Promise<Session> {
    const { device, settings: wanted = {}, team } = options;
    const { settings, epoch, sums } = (await loadCheckpoint(saved)) as Partial<Record<string, unknown>>;
    if (!isSettings(settings) || !isCount(epoch) || !isStep(sums))
      throw new SessionError("is not a checkpoint of this program");
    for (const [name, value] of Object.entries(wanted)) {
      const old = settings[name as keyof Settings];
      if (old !== value) throw new SessionError(`was made with ${name} ${old}, not ${value}`);
    }
    const before = defaultGenerator.getState();
    try {
      const session = new Session(settings, images, device, team);
      await loadCheckpoint(saved, session.parts);
      team?.diverge();
      return Object.assign(session, { epoch, sums, isResumed: true });
    } catch (error) {
      defaultGenerator.setState(before);
      throw error;
    }
  }

  /** What is loaded into, by name. */
  private get parts() {
    const { model, optimizer, scheduler, team } = this;
    const loader = team === null ? this.loader : partOf(this.loader, team);
    return { model, optimizer, scheduler, loader, generator: defaultGenerator };
  }

  /** Number of parameters. */
  get size(): number {
    return this.model.parameters().reduce((sum, { size }) => sum + size, 0);
  }

  /** The work of an epoch; that of an image to train with is 1. */
  get perEpoch(): number {
    return this.data.train.length + testCost * this.data.test.length;
  }

  /** The work that is done. */
  get done(): number {
    return this.epoch * this.perEpoch + this.sums.images;
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

  /** Its bytes. */
  bytes(): Promise<Bytes> {
    return saveCheckpoint(this.everything);
  }

  /** @throws FileError when the file cannot be written. */
  save(path: FilePath): Promise<void> {
    return saveCheckpoint(path, this.everything);
  }

  private get everything() {
    const { settings, epoch, sums } = this;
    return { ...this.parts, settings, epoch, sums };
  }
}

/** The loader as a part of a checkpoint that a team of another size may have saved. */
function partOf(loader: Loader, team: Team) {
  return {
    stateDict: () => loader.stateDict(),
    loadStateDict: (state: DataLoaderState) => loader.loadStateDict(team.stateFor(loader, state)),
    prepareLoad: (state: DataLoaderState) => loader.prepareLoad(team.stateFor(loader, state)),
  };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function isStep(value: unknown): value is Step {
  if (typeof value !== "object" || value === null) return false;
  const { images, loss, correct } = value as Partial<Step>;
  return [images, loss, correct].every(Number.isFinite);
}

function named(name: string, params: Tensor[], lr: number) {
  return createOptimizer(name as keyof OptimizerRegistry, params, { lr });
}
