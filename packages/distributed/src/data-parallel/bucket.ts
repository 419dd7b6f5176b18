import { noGrad } from "@thalweg/autograd";
import type { Parameter } from "@thalweg/nn";
import { type Tensor, zerosLike } from "@thalweg/tensor";
import { runHost } from "@thalweg/tensor/internal";
import type { Communicator, Work } from "../communicator";
import { DistributedError } from "../distributed-error";
import { elementsOf, type View } from "../memory";

type Floats = Float32Array | Float64Array;

/** What the buckets of a model share. */
export interface Exchange {
  readonly world: Communicator;
  /** The rows and the forward passes of this rank since gradients were last averaged, [2]. */
  readonly counts: Tensor;
  /** The weight of this rank: the rows before gradients were last averaged. */
  weight: number;
  /** Read and written by every message, so that programs keep their order, [1]. */
  readonly turn: Tensor;
  readonly detectNaN: boolean;
}

/**
 * Parameters whose gradients travel together. What is sent are the gradients, weighted by rows, and behind them whether there
 * was one for each parameter, the rows, and whether the gradients of each rank are finite: a sum of all is an average, too.
 */
export class Bucket {
  readonly params: readonly Parameter[];
  private readonly exchange: Exchange;
  private readonly starts: readonly number[];
  /** What is sent. Elements of tensors move while a message is on its way. */
  private readonly message: Floats;
  private readonly size: number;
  private work: Work | null = null;
  /** Parameters that are to get their gradient in this walk. */
  private waiting: Set<Parameter>;

  constructor(params: readonly Parameter[], exchange: Exchange) {
    this.params = params;
    this.exchange = exchange;
    let size = 0;
    this.starts = params.map((param) => (size += param.size) - param.size);
    this.size = size;
    const length = size + params.length + 1 + exchange.world.size;
    this.message = params[0]!.dtype === "float64" ? new Float64Array(length) : new Float32Array(length);
    this.waiting = new Set(params);
  }

  /** Whether all gradients are there. */
  get isReady(): boolean {
    return this.waiting.size === 0;
  }

  /** The gradient of a parameter is there. */
  arrive(param: Parameter): void {
    this.waiting.delete(param);
  }

  /** Makes ready for the next walk. */
  reset(): void {
    this.waiting = new Set(this.params);
  }

  /** Starts to send. */
  start(): void {
    const { counts, turn, world } = this.exchange;
    const { backend } = turn.storage;
    // Of parameters without a gradient, nothing is read.
    const found = [...this.params.keys()].filter((k) => this.params[k]!.grad !== null);
    const inputs = [turn, counts, ...found.map((k) => dense(this.params[k]!.grad!))];
    runHost(backend, "startAllReduce", [turn], inputs, (_, [, counted, ...grads]) => {
      const [rows, passes] = elementsOf(counted!);
      // A second backward has the rows of the first.
      if (passes! > 0) this.exchange.weight = rows!;
      this.fill(found, grads);
      this.work = world.startAllReduce(this.message);
    });
  }

  /** Waits until the gradients of all are there, and averages them. */
  finish(): void {
    const { turn } = this.exchange;
    const { backend } = turn.storage;
    runHost(backend, "waitAllReduce", [turn], [turn], () => {
      this.work!.wait();
      this.work = null;
      this.checkNaN();
    });
    const used = this.usedAnywhere();
    const grads = used.map((k) => gradOf(this.params[k]!));
    const outputs = grads.map(dense);
    runHost(backend, "average", [turn, ...outputs], [turn, ...outputs], ([, ...views]) => {
      if (this.usedAnywhere().join() !== used.join()) {
        throw new DistributedError(
          "backward",
          "other parameters have gradients than when the program was recorded",
          "compile a function that always uses the same ones",
        );
      }
      this.average(used, views);
    });
    // Of a gradient that is a view, the copy was averaged.
    grads.forEach((grad, i) => {
      if (outputs[i] !== grad) grad.copy_(outputs[i]!);
    });
  }

  private fill(found: readonly number[], grads: readonly View[]): void {
    const { message, starts, size, params } = this;
    const { world, weight: rows, detectNaN } = this.exchange;
    const tail = size + params.length;
    message.fill(0, size);
    message[tail] = rows;
    let finite = 0;
    let next = 0;
    params.forEach((param, k) => {
      const start = starts[k]!;
      const grad = found[next] === k ? grads[next++]! : null;
      if (grad !== null) message[size + k] = 1;
      if (grad === null || rows === 0) message.fill(0, start, start + param.size);
      else finite += copyWeighted(message, start, elementsOf(grad) as Floats, rows);
    });
    if (detectNaN) message[tail + 1 + world.rank] = finite;
  }

  private checkNaN(): void {
    const { message, size, params } = this;
    const flags = message.subarray(size + params.length + 1);
    const ranks = [...flags.keys()].filter((rank) => Number.isNaN(flags[rank]));
    if (ranks.length === 0) return;
    throw new DistributedError(
      "backward",
      `the gradients of rank ${ranks.join(", ")} have elements that are not finite`,
      "look at its batch and its loss, or pass detectNaN: false",
    );
  }

  /** The parameters that have a gradient on any rank. */
  private usedAnywhere(): number[] {
    return [...this.params.keys()].filter((k) => this.message[this.size + k] !== 0);
  }

  private average(used: readonly number[], views: readonly View[]): void {
    const { message, starts, size, params } = this;
    // Without any row, all that was sent is 0.
    const rows = message[size + params.length]! || 1;
    for (const [i, k] of used.entries())
      copyDivided(elementsOf(views[i]!) as Floats, message, starts[k]!, rows);
  }
}

/** Writes elements times a weight; returns 0 if all are finite, else NaN. */
function copyWeighted(to: Floats, start: number, from: Floats, weight: number): number {
  let finite = 0;
  for (let i = 0; i < from.length; i++) {
    to[start + i] = from[i]! * weight;
    // 0, unless it is infinite now, or NaN.
    finite += to[start + i]! * 0;
  }
  return finite;
}

function copyDivided(to: Floats, from: Floats, start: number, divisor: number): void {
  // A product is sooner, and the same.
  if (Number.isInteger(Math.log2(divisor))) {
    const factor = 1 / divisor;
    for (let i = 0; i < to.length; i++) to[i] = from[start + i]! * factor;
  } else for (let i = 0; i < to.length; i++) to[i] = from[start + i]! / divisor;
}

/** The tensor itself if its elements are dense, or else a copy. */
const dense = (grad: Tensor): Tensor => noGrad(() => grad.contiguous());

/** The gradient of a parameter, which gets one if it has none. */
function gradOf(param: Parameter): Tensor {
  param.grad ??= noGrad(() => zerosLike(param));
  return param.grad;
}

/** Divides parameters into buckets of one type and at most so many bytes, the first a small one that can be sent soon. */
export function bucketsOf(params: readonly Parameter[], bytes: number, exchange: Exchange): Bucket[] {
  const groups: Parameter[][] = [];
  let room = 0;
  for (const param of params) {
    const last = groups.at(-1);
    const size = param.size * (param.dtype === "float64" ? 8 : 4);
    if (last === undefined || size > room || last[0]!.dtype !== param.dtype) {
      room = groups.length === 0 ? Math.min(bytes, firstBytes) : bytes;
      groups.push([param]);
    } else last.push(param);
    room -= size;
  }
  return groups.map((group) => new Bucket(group, exchange));
}

/** The size of the first bucket, which PyTorch has, too. */
const firstBytes = 2 ** 20;
