import { Mean, type Metric, type MetricState } from "@thalweg/metrics";
import type { Tensor } from "@thalweg/tensor";
import type { Outcome } from "./outcome";
import { TrainError } from "./train-error";

/** A metric of outputs and targets: one of `@thalweg/metrics`, or an object of your own with these methods. */
export type EpochMetric<Result = unknown> = Pick<
  Metric<[input: Tensor, target: Tensor], Result>,
  "updateAsync" | "compute" | "reset" | "stateDict" | "prepareLoad"
> & {
  /** Adds what another one has counted. */
  merge(state: MetricState): void;
};

/** Metrics by name. */
export type Metrics = Readonly<Record<string, EpochMetric>>;

/** The mean loss of all rows, and the results of all metrics, by name. */
export type Measured<M extends Metrics = Metrics> = { readonly loss: number } & {
  readonly [Name in keyof M]: ReturnType<M[Name]["compute"]>;
};

/** Sends bytes to all ranks, and returns those of all: `(own) => allGatherBytes(own, world)`. */
export type Gather = (own: Uint8Array) => readonly Uint8Array[];

/** Numbers that are still on their way from a device; more would keep too many outputs in its memory. */
const mostPending = 16;

/** The loss and the metrics of the batches since they were last reset. */
export class Measures<M extends Metrics> {
  private readonly op: string;
  private readonly metrics: M;
  private readonly loss = new Mean();
  private readonly pending: Promise<unknown>[] = [];

  constructor(op: string, metrics: M) {
    this.op = op;
    this.metrics = metrics;
  }

  /** Counts an outcome. The device is not waited for, unless much is pending. */
  async add({ loss, output, target }: Outcome, rows: number): Promise<void> {
    const metrics = Object.values(this.metrics);
    if (metrics.length > 0 && (output === undefined || target === undefined)) {
      throw new TrainError(
        this.op,
        "step returns no output and target for the metrics",
        "return them with the loss",
      );
    }
    const reads = [
      this.loss.updateAsync(loss, rows),
      ...metrics.map((metric) => metric.updateAsync(output!.detach(), target!)),
    ];
    const read = Promise.all(reads);
    read.catch(() => {}); // Thrown when it is awaited.
    this.pending.push(read);
    if (this.pending.length > mostPending) await this.pending.shift();
  }

  /** Waits until all is counted. */
  async settle(): Promise<void> {
    await Promise.all(this.pending.splice(0));
  }

  reset(): void {
    for (const metric of this.all().values()) metric.reset();
  }

  /** The results, over all ranks if they are gathered. */
  async results(gather: Gather | undefined): Promise<Measured<M>> {
    await this.settle();
    if (gather !== undefined) this.join(gather);
    const { counts } = this.loss.stateDict();
    if ((counts.weight as { readonly parts: readonly number[] }).parts.length === 0) {
      throw new TrainError(this.op, "there are no batches", "pass data with at least one");
    }
    return Object.fromEntries(
      Array.from(this.all(), ([name, metric]) => [name, metric.compute()]),
    ) as Measured<M>;
  }

  /** Adds up what all ranks have counted, in their order. */
  private join(gather: Gather): void {
    const texts = gather(new TextEncoder().encode(JSON.stringify(this.stateDict())));
    this.reset();
    for (const text of texts) {
      const states = JSON.parse(new TextDecoder().decode(text)) as Readonly<Record<string, MetricState>>;
      for (const [name, metric] of this.all()) metric.merge(states[name]!);
    }
  }

  stateDict(): Record<string, MetricState> {
    return Object.fromEntries(Array.from(this.all(), ([name, metric]) => [name, metric.stateDict()]));
  }

  prepareLoad(state: Readonly<Record<string, MetricState>>): () => void {
    const loads = Array.from(this.all(), ([name, metric]) => metric.prepareLoad(Object(state)[name]));
    return () => {
      for (const load of loads) load();
    };
  }

  private all(): Map<string, Omit<EpochMetric, "updateAsync">> {
    return new Map<string, Omit<EpochMetric, "updateAsync">>([
      ["loss", this.loss],
      ...Object.entries(this.metrics),
    ]);
  }
}
