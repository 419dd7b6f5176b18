import { ArgumentError, DeviceError, ShapeError, type Tensor, type TensorArray } from "@thalweg/tensor";
import {
  checkArguments,
  describe,
  formatShape,
  named,
  type OptionKinds,
  options as optionsOf,
  renamed,
  type Signature,
  sameShape,
} from "@thalweg/tensor/internal";
import { MetricError } from "./metric-error";

/** A value in the state of a metric. */
export type MetricValue =
  | number
  | string
  | boolean
  | null
  | readonly MetricValue[]
  | { readonly [name: string]: MetricValue };

/** The state of a metric, in values that survive JSON. */
export interface MetricState {
  /** Name of the class. */
  readonly metric: string;
  /** The options that decide what is counted. */
  readonly options: { readonly [name: string]: MetricValue };
  /** What has been counted. */
  readonly counts: { readonly [name: string]: MetricValue };
}

/** The elements of a tensor, in row-major order. */
export interface Reading {
  readonly values: TensorArray;
  readonly shape: readonly number[];
}

/** How a metric counts. Counts are plain values, which survive JSON. */
export interface Rule<Batch, Result, Counts extends object = object> {
  /** Name of the class, for errors and states. */
  readonly name: string;
  /** The arguments of `update`. */
  readonly takes: Signature;
  /** The options that two metrics have to share for their counts to be added. */
  readonly options: MetricState["options"];
  readonly kinds: OptionKinds<Counts>;
  /** The counts of nothing. */
  empty(): Counts;
  isEmpty(counts: Counts): boolean;
  /** What has to be read of a batch, as small as the device can make it. */
  select(op: string, batch: Batch): readonly Tensor[];
  /** Counts what was read of a batch. Throws before it has counted anything. */
  count(counts: Counts, readings: readonly Reading[], op: string, batch: Batch): void;
  /** Adds other counts, which it may keep. Throws before it has added anything. */
  add(counts: Counts, others: Counts, op: string): void;
  /** Why counts of the right kinds are impossible; nothing if they are possible. */
  misfit?(counts: Counts): string | undefined;
  /** The result of counts that are not empty. */
  result(counts: Counts, op: string): Result;
}

/**
 * A number about a model, or several, that is counted batch by batch. Counts are numbers of 64 bits, and sums are rounded
 * once, so neither the order of batches nor their division among processes changes a bit of the result.
 *
 * @typeParam Batch the arguments of `update`
 * @typeParam Result what `compute` returns
 */
export abstract class Metric<Batch extends readonly unknown[] = readonly unknown[], Result = unknown> {
  private readonly rule: Rule<Batch, Result>;
  private counts: object;

  /** @internal */
  constructor(rule: Rule<Batch, Result>) {
    if (new.target === Metric)
      throw new ArgumentError("Metric", "counts nothing", "use one such as Accuracy");
    this.rule = rule;
    this.counts = rule.empty();
  }

  /**
   * Counts a batch.
   *
   * @throws DeviceError on WebGPU, where {@link updateAsync} works; MetricError or ShapeError when the batch does not fit, with
   *   nothing counted.
   */
  update(...batch: Batch): void {
    const op = this.op("update");
    const readings = this.selected(op, batch).map((x) => ({ values: readNow(op, x), shape: x.shape }));
    this.rule.count(this.counts, readings, op, batch);
  }

  /**
   * Counts a batch on any device. Only what is counted is read: predicted classes, for instance, and not all scores. Batches
   * may be counted in any order, so a loop need not wait for each. A batch belongs to what was counted when this was called.
   */
  async updateAsync(...batch: Batch): Promise<void> {
    const op = this.op("updateAsync");
    const reading = async (x: Tensor) => ({ values: await x.data(), shape: x.shape });
    const { counts } = this;
    const readings = await Promise.all(this.selected(op, batch).map(reading));
    this.rule.count(counts, readings, op, batch);
  }

  /**
   * The result for all batches since the metric was made or reset.
   *
   * @throws MetricError when nothing has been counted.
   */
  compute(): Result {
    const op = this.op("compute");
    const { rule, counts } = this;
    if (rule.isEmpty(counts))
      throw new MetricError(op, "nothing has been counted", "call update with a batch first");
    return rule.result(counts, op);
  }

  /** Forgets what has been counted. */
  reset(): void {
    this.counts = this.rule.empty();
  }

  /**
   * Adds what another metric has counted, for instance that of another process, or its state. The result is that of one metric
   * that has counted all batches. The other one does not change.
   *
   * @throws MetricError when the other one counts something else, with nothing added.
   * @example
   * import { allGatherBytes, init } from "@thalweg/distributed";
   * const world = await init();
   * const accuracy = new Accuracy(); // of the examples of this rank
   * accuracy.update(tensor([0, 1, 1]), tensor([0, 1, 0]));
   * const own = new TextEncoder().encode(JSON.stringify(accuracy.stateDict()));
   * const all = new Accuracy(); // of the examples of all ranks
   * for (const bytes of allGatherBytes(own, world)) all.merge(JSON.parse(new TextDecoder().decode(bytes)));
   * all.compute().toFixed(4); // → "0.6667"
   */
  merge(other: this | MetricState): void {
    const op = this.op("merge");
    const state = other instanceof Metric ? other.stateDict() : other;
    this.rule.add(this.counts, this.checked(op, state), op);
  }

  /** What has been counted, and the options that it depends on, in values that survive JSON. */
  stateDict(): MetricState {
    const { name, options } = this.rule;
    return structuredClone({ metric: name, options, counts: this.counts }) as MetricState;
  }

  /**
   * Replaces what has been counted.
   *
   * @throws MetricError when the state is that of something else, with nothing changed.
   */
  loadStateDict(state: MetricState): void {
    this.prepareLoad(state)();
  }

  /**
   * The first half of {@link loadStateDict}: checks everything, and changes nothing.
   *
   * @returns the other half; it cannot fail
   * @throws as {@link loadStateDict}
   */
  prepareLoad(state: MetricState): () => void {
    const counts = this.checked(this.op("loadStateDict"), state);
    return () => {
      this.counts = counts;
    };
  }

  private op(method: string): string {
    return `${this.rule.name}.${method}`;
  }

  private selected(op: string, batch: Batch): readonly Tensor[] {
    checkArguments(op, this.rule.takes, batch);
    return named(op, () => this.rule.select(op, batch));
  }

  /** A copy of the counts of a state. */
  private checked(op: string, state: MetricState): object {
    const { name, options, kinds } = this.rule;
    const refuse = (problem: string) => {
      throw new MetricError(op, problem, "take the state of a metric that was made in the same way");
    };
    const { metric, options: others, counts } = Object(state) as Partial<MetricState>;
    if (metric !== name) refuse(`it is the state of ${describe(metric)}`);
    for (const key of Object.keys(options)) {
      const [own, other] = [options[key], Object(others)[key]];
      if (own !== other) refuse(`${key} is ${describe(other)}, and here ${describe(own)}`);
    }
    if (!optionsOf(kinds as Signature).accepts(counts)) refuse("its counts are of another kind");
    const copy = structuredClone(counts!);
    const misfit = this.rule.misfit?.(copy);
    if (misfit !== undefined) refuse(misfit);
    return copy;
  }
}

function readNow(op: string, x: Tensor): TensorArray {
  try {
    return x.dataSync();
  } catch (error) {
    if (!(error instanceof DeviceError)) throw renamed(error, op);
    throw new DeviceError(op, `the batch is on ${x.device}, which is not read at once`, "await updateAsync");
  }
}

/** Throws unless two tensors of a batch have one shape. */
export function checkSameShape(op: string, input: Tensor, target: Tensor): void {
  if (sameShape(input.shape, target.shape)) return;
  const shapes = [input.shape, target.shape];
  const problem = `input and target differ in shape, ${shapes.map(formatShape).join(" and ")}`;
  throw new ShapeError(op, problem, "reshape one of them", shapes);
}
