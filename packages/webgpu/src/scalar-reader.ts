import type { View } from "@thalweg/kernels";
import {
  ArgumentError,
  copyProgram,
  describe,
  formatShape,
  Layout,
  ShapeError,
  Storage,
  ThalwegError,
} from "@thalweg/kernels";

/** Options of {@link ScalarReader}. */
export interface ScalarReaderOptions {
  /** Largest number of values that are read at once; 16 unless given. */
  readonly every?: number;
}

interface Waiting {
  readonly resolve: (value: number) => void;
  readonly reject: (error: unknown) => void;
}

function checked(options: unknown): ScalarReaderOptions {
  if (typeof options === "object" && options !== null) return options;
  throw new ArgumentError(
    "ScalarReader",
    `options must be an object, got ${describe(options)}`,
    "write { every: 16 }, or nothing",
  );
}

function checkedTensor(x: unknown): View {
  const view = Object(x) as Partial<View>;
  if (!(view.storage instanceof Storage && view.layout instanceof Layout)) {
    throw new ArgumentError(
      "push",
      `x must be a tensor, got ${describe(x)}`,
      "pass a tensor with one element",
    );
  }
  if (view.storage.isDisposed) {
    throw new ThalwegError("push", "the tensor was disposed of", "push it before it is disposed of");
  }
  return view as View;
}

/**
 * Reads numbers, such as the loss of each step, without a wait for each of them. It collects them on the device, and
 * reads many at a time, when there are enough or when the program is idle. Tensors on the CPU work as well.
 *
 * @example
 * const losses = new ScalarReader();
 * const read: number[] = [];
 * for (let step = 0; step < 3; step++) losses.push(tensor(step)).then((loss) => read.push(loss));
 * await losses.flush();
 * read; // → [0,1,2]
 */
export class ScalarReader {
  private readonly every: number;
  private storage: Storage | null = null;
  private waiting: Waiting[] = [];
  private last: Promise<unknown> = Promise.resolve();

  /** @throws ArgumentError when `every` is not a whole number above 0. */
  constructor(options: ScalarReaderOptions = {}) {
    const { every = 16 } = checked(options);
    if (!(Number.isInteger(every) && every > 0)) {
      throw new ArgumentError(
        "ScalarReader",
        `every must be a whole number above 0, got ${describe(every)}`,
        "write { every: 16 }",
      );
    }
    this.every = every;
  }

  /**
   * Reads the only element of a tensor, as it is now: later writes do not matter. The promises of several calls settle in
   * the order of the calls.
   *
   * @throws ShapeError when the tensor does not have exactly one element; ArgumentError when it is no tensor, ThalwegError when
   * it was disposed of.
   */
  push(x: View): Promise<number> {
    const { layout, storage: source } = checkedTensor(x);
    const { backend, dtype } = source;
    if (layout.size !== 1) {
      throw new ShapeError(
        "push",
        `needs exactly one element, shape ${formatShape(layout.shape)} has ${layout.size}`,
        "reduce it first",
        [layout.shape],
      );
    }
    // Numbers of one read are of one type and come from one device.
    const { storage } = this;
    if (storage !== null && (storage.backend !== backend || storage.dtype !== dtype)) this.read();
    if (this.storage === null) {
      this.storage = backend.allocate(dtype, this.every);
      this.storage.retain();
      setTimeout(() => this.read());
    }
    const place = new Layout(layout.shape, layout.strides, this.waiting.length);
    backend.map(copyProgram(dtype), [{ storage: this.storage, layout: place }], [x]);
    const result = new Promise<number>((resolve, reject) => this.waiting.push({ resolve, reject }));
    if (this.waiting.length === this.every) this.read();
    return result;
  }

  /** Reads everything that was pushed so far. Resolves when all of it has been read. */
  async flush(): Promise<void> {
    this.read();
    await this.last;
  }

  private read(): void {
    const { storage, waiting } = this;
    if (storage === null) return;
    this.storage = null;
    this.waiting = [];
    const values = storage.backend.read({ storage, layout: new Layout([waiting.length], [1]) });
    // The read is recorded, so later kernels may reuse the memory.
    storage.expire();
    storage.release();
    this.last = Promise.allSettled([values, this.last]).then(([outcome]) => {
      waiting.forEach(({ resolve, reject }, i) => {
        if (outcome.status === "fulfilled") resolve(outcome.value[i]!);
        else reject(outcome.reason);
      });
    });
  }
}
