import type { DType, ElementArray, Layout, Storage, View } from "@thalweg/kernels";
import {
  DTypeError,
  formatShape,
  GradientError,
  isFloating,
  type Shape,
  ShapeError,
  sameShape,
  ThalwegError,
} from "@thalweg/kernels";
import { copyMark, thisCopy } from "./copy";
import {
  type BackwardOptions,
  currentEngine,
  type GradientHook,
  type GraphNode,
  type PostAccumulateGradHook,
  requireEngine,
} from "./engine";
import type { TensorMethods } from "./methods";
import { printTensor } from "./print";
import { boolean, callback, checkArguments, describe, kind, options } from "./signature";

/** Those that were said not to be needed any more. */
const disposed = new WeakSet<Tensor>();

/** Throws if the memory of a tensor was given back; `op` is what was to be done with it. */
export function checkAlive(op: string, { storage, shape }: Tensor): void {
  if (!storage.isDisposed) return;
  throw new ThalwegError(
    op,
    `the tensor was disposed of, shape ${formatShape(shape)}`,
    "dispose of it later, or never",
    [shape],
  );
}

function checkSingle(op: string, { shape, size }: Tensor): void {
  if (size === 1) return;
  throw new ShapeError(
    op,
    `needs exactly one element, shape ${formatShape(shape)} has ${size}`,
    "reduce it first, or use toArray()",
    [shape],
  );
}

/** What is read from a tensor. */
function asRead(dtype: DType, elements: ElementArray): TensorArray {
  return dtype === "bool" ? Uint8Array.from(elements) : elements;
}

function readNow(op: string, x: Tensor): TensorArray {
  checkAlive(op, x);
  return asRead(x.dtype, x.storage.backend.readSync(x, op));
}

function nested(data: ArrayLike<number>, shape: Shape): NestedArray {
  let position = 0;
  const nest = (dim: number): NestedArray =>
    dim === shape.length ? data[position++]! : Array.from({ length: shape[dim]! }, () => nest(dim + 1));
  return nest(0);
}

function* rows(this: Tensor): IterableIterator<Tensor> {
  for (let i = 0; i < this.shape[0]!; i++) yield this.select(0, i);
}

/** Whether two tensors are of one type and on one device. */
export function isOfKind(a: Tensor, b: Tensor): boolean {
  return a.storage.backend === b.storage.backend && a.storage.dtype === b.storage.dtype;
}

function checkGrad(x: Tensor, grad: Tensor): void {
  const fits = grad instanceof Tensor && sameShape(grad.shape, x.shape);
  if (fits && isOfKind(grad, x)) return;
  const got =
    grad instanceof Tensor ? `${grad.dtype} ${formatShape(grad.shape)} on ${grad.device}` : describe(grad);
  throw new GradientError(
    "grad",
    `the gradient must be like the tensor, ${x.dtype} ${formatShape(x.shape)} on ${x.device}, got ${got}`,
    "assign null to clear it",
    [x.shape],
  );
}

const instance = { ...kind("a tensor", (value) => value instanceof Tensor, DTypeError), optional: true };
const backwardArguments = {
  seed: instance,
  options: options<BackwardOptions>({ retainGraph: boolean, createGraph: boolean }),
};

/** The elements of a tensor: those of a bool tensor are 0 and 1, in bytes. */
export type TensorArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** Nested arrays of numbers, as deep as the tensor has dimensions; a number at rank 0. */
export type NestedArray = number | NestedArray[];

/**
 * An n-d array of numbers: a storage seen through a layout. Views (`transpose`, `slice`, ...)
 * share the storage, so writing in place to one is seen by all. Nothing has to be disposed of.
 *
 * Made by {@link tensor}, {@link zeros} and their like. Every operation is a method and a function of
 * the same name.
 */
export class Tensor implements View {
  // Public members come first, since compilers list what is missing in the order of declaration.

  /** Sizes of the dimensions, outermost first. */
  get shape(): Shape {
    return this.layout.shape;
  }

  /** Distance in elements between neighbours along each dimension. */
  get strides(): readonly number[] {
    return this.layout.strides;
  }

  /** Position of the first element in the storage. */
  get offset(): number {
    return this.layout.offset;
  }

  get ndim(): number {
    return this.layout.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return this.layout.size;
  }

  get dtype(): DType {
    return this.storage.dtype;
  }

  get device(): string {
    return this.storage.backend.device;
  }

  /** The memory; shared between views. */
  readonly storage: Storage;
  /** Shape, strides and offset. */
  readonly layout: Layout;
  /** As {@link grad}, for those who do not keep it: may be given back when it is cleared. @internal */
  gradient: Tensor | null = null;
  /** How the engine knows where this came from; null for leaves. @internal */
  node: GraphNode | null = null;
  /** Where the engine collects the gradient of a leaf. @internal */
  leaf: GraphNode | null = null;
  /** For views: the tensor they look into. @internal */
  base: Tensor | null = null;
  /**
   * Counts the in-place writes that changed the history; a view holds the count of its base, or -1 when it
   * was made while nothing was recorded. @internal
   */
  generation = 0;
  /** Set by modules, for error messages and state dicts. */
  name: string | undefined = undefined;
  private tracked = false;

  /** Tensors are made by {@link tensor} and its like: this throws where it is not the library that calls it. */
  constructor(storage: Storage, layout: Layout) {
    this.storage = storage;
    this.layout = layout;
    if (storage?.share === undefined) {
      throw new DTypeError(
        "Tensor",
        "tensors are not made with new",
        "use tensor(data), or zeros and its like",
      );
    }
    storage.share();
  }

  /** @internal */
  get [copyMark](): object {
    return thisCopy;
  }

  /** Whether operations on this are recorded for `backward()`. Can be set on leaves only. */
  get requiresGrad(): boolean {
    const { base, generation } = this;
    if (base !== null && base.generation !== generation && generation >= 0) currentEngine()?.refresh(this);
    return this.tracked;
  }

  set requiresGrad(value: boolean) {
    checkArguments("requiresGrad", { value: boolean }, [value]);
    if (this.node !== null && !value) {
      throw new GradientError(
        "requiresGrad",
        "only a leaf can stop requiring grad, this tensor was computed",
        "use detach() for a tensor without history",
      );
    }
    if (value && !isFloating(this.dtype)) {
      throw new GradientError(
        "requiresGrad",
        `only floating point numbers have a gradient, the tensor is ${this.dtype}`,
        'convert it with .to("float32")',
        [this.shape],
      );
    }
    this.tracked = value;
  }

  /** Accumulated by `backward()` into leaves that require it; null before. */
  get grad(): Tensor | null {
    const { gradient } = this;
    if (gradient !== null) gradient.storage.expose();
    return gradient;
  }

  set grad(grad: Tensor | null) {
    if (grad !== null) checkGrad(this, grad);
    this.keepGradient(grad);
  }

  /** Sets {@link grad}, which is known to fit. @internal */
  keepGradient(grad: Tensor | null): void {
    grad?.storage.retain();
    this.gradient?.storage.release();
    this.gradient = grad;
  }

  /** Whether it was made by the user rather than computed from something that requires grad. */
  get isLeaf(): boolean {
    return !this.requiresGrad || this.node === null;
  }

  /** Whether the elements lie in row-major order without gaps. */
  isContiguous(): boolean {
    return this.layout.isContiguous;
  }

  /**
   * The only element, as a number.
   *
   * @throws ShapeError when there is not exactly one, DeviceError on a device that answers later.
   * @example
   * tensor([[3.5]]).item(); // → 3.5
   */
  item(): number {
    checkSingle("item", this);
    checkAlive("item", this);
    return this.storage.backend.at(this.storage, this.layout.offset);
  }

  /**
   * As {@link item}, on every device.
   *
   * @example
   * await tensor([[3.5]]).itemAsync(); // → 3.5
   */
  async itemAsync(): Promise<number> {
    checkSingle("itemAsync", this);
    return (await this.data())[0]!;
  }

  /**
   * The elements in row-major order, copied into a fresh typed array.
   *
   * @throws DeviceError on a device that answers later: `await x.data()` works on all.
   */
  dataSync(): TensorArray {
    return readNow("dataSync", this);
  }

  /** As {@link dataSync}, on every device. */
  async data(): Promise<TensorArray> {
    checkAlive("data", this);
    return asRead(this.dtype, await this.storage.backend.read(this));
  }

  /**
   * The elements as nested arrays.
   *
   * @example
   * tensor([1, 2, 3, 4]).reshape([2, 2]).toArray(); // → [[1,2],[3,4]]
   */
  toArray(): NestedArray {
    return nested(readNow("toArray", this), this.shape);
  }

  /**
   * As {@link toArray}, on every device.
   *
   * @example
   * await tensor([[1, 2], [3, 4]]).toArrayAsync(); // → [[1,2],[3,4]]
   */
  async toArrayAsync(): Promise<NestedArray> {
    return nested(await this.data(), this.shape);
  }

  /** For `JSON.stringify`: the same as {@link toArray}. JSON has no NaN and no infinities: they become null. */
  toJSON(): NestedArray {
    return this.toArray();
  }

  /**
   * What lies along the first dimension, one after the other: `for (const row of x)`. Views. At rank 0 a
   * tensor is not iterable.
   *
   * @example
   * [...tensor([[1, 2], [3, 4]])].map((row) => row.sum().item()); // → [3,7]
   */
  get [Symbol.iterator](): () => IterableIterator<Tensor> {
    // Undefined where there is nothing to go along: test runners that compare iterables ask before they try.
    return this.ndim === 0 ? (undefined as never) : rows;
  }

  /**
   * The only element, for JavaScript's operators; text in a template.
   *
   * @throws ShapeError when there is not exactly one.
   */
  [Symbol.toPrimitive](hint: string): number | string {
    if (hint === "string") return this.toString();
    if (this.size === 1) return this.item();
    throw new ShapeError(
      "Tensor",
      `JavaScript's operators do not compute with tensors, of shape ${formatShape(this.shape)}`,
      "use methods such as add, mul and gt, and item() for a number",
      [this.shape],
    );
  }

  /** The elements as text, laid out as PyTorch does it. */
  toString(): string {
    return printTensor(this, readNow("toString", this));
  }

  /** @internal Node's inspection prints what `toString` gives, or what it can without the elements. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    try {
      return this.toString();
    } catch {
      return `tensor(shape=${formatShape(this.shape)}, device='${this.device}')`;
    }
  }

  /**
   * Says that this tensor is not needed any more, for those who do not want to wait for the collector, which
   * knows little of a GPU's memory. Never necessary. The memory goes at once, unless a graph that has not
   * been walked yet, or another tensor that shares it, a view or what it is a view of, still needs it: then
   * with the last of these. Using a tensor whose memory has gone is an error.
   *
   * @example
   * {
   *   using squares = tensor([1, 2, 3]).square();
   *   squares.sum().item(); // → 14
   * }
   */
  [Symbol.dispose](): void {
    if (disposed.has(this)) return;
    disposed.add(this);
    this.storage.dispose();
  }

  /** The same elements without history: shares the storage, requires no grad. */
  detach(): Tensor {
    return new Tensor(this.storage, this.layout);
  }

  /**
   * Gradients of this scalar (or of `sum(this * seed)`) with respect to every leaf it was computed from,
   * added to their `grad`. For a tensor with a single element,
   * `seed` is 1 unless given. Frees what the graph saved unless told to retain it.
   *
   * @throws GradientError when there is nothing to differentiate, when a seed is missing or of the wrong
   * shape, when the graph was already freed, or when a saved tensor was overwritten.
   * @example
   * const x = tensor([1, 2, 3], { requiresGrad: true });
   * x.square().sum().backward();
   * x.grad!.toArray(); // → [2,4,6]
   */
  backward(seed?: Tensor, options: BackwardOptions = {}): void {
    checkArguments("backward", backwardArguments, [seed, options]);
    requireEngine("backward").backward(this, seed, options);
  }

  /** Makes `backward()` keep the gradient of this computed tensor in `grad`, as it does for leaves. */
  retainGrad(): void {
    requireEngine("retainGrad").retainGrad(this);
  }

  /**
   * Calls `hook` with the gradient of this tensor when the whole of it is known, for a leaf before it is added to
   * `grad`; returns a function that removes it. A tensor that the hook returns takes the gradient's place.
   *
   * @throws GradientError when this does not require grad.
   * @example
   * const x = tensor([1, 2], { requiresGrad: true });
   * x.registerHook((grad) => grad.mul(10));
   * x.sum().backward();
   * x.grad!.toArray(); // → [10,10]
   */
  registerHook(hook: GradientHook): () => void {
    checkArguments("registerHook", { hook: callback }, [hook]);
    return requireEngine("registerHook").registerHook(this, hook);
  }

  /**
   * Calls `hook` with this leaf in each `backward()`, as soon as its gradient was added to `grad`, while those of
   * others are still being computed; returns a function that removes it. The hook may write to the leaf and clear
   * its `grad`: a step of an optimizer in it needs the memory of one gradient at a time. Nothing is accumulated by
   * `grad(outputs, inputs)`, which calls no such hook.
   *
   * @throws GradientError when this does not require grad, or is no leaf.
   * @example
   * const x = tensor([1, 2], { requiresGrad: true });
   * x.registerPostAccumulateGradHook((param) => {
   *   noGrad(() => param.sub_(param.grad!.mul(0.25)));
   *   param.grad = null;
   * });
   * x.square().sum().backward();
   * x.toArray(); // → [0.5,1]
   */
  registerPostAccumulateGradHook(hook: PostAccumulateGradHook): () => void {
    const op = "registerPostAccumulateGradHook";
    checkArguments(op, { hook: callback }, [hook]);
    return requireEngine(op).registerPostAccumulateGradHook(this, hook);
  }

  /** @internal Makes this the result of a recorded operation. */
  track(node: GraphNode): void {
    this.tracked = true;
    this.node = node;
  }

  /** @internal Makes this a tensor without history. */
  untrack(): void {
    this.tracked = false;
    this.node = null;
  }
}

/** Every operation of the library; `methods.ts` gives them to the prototype. */
export interface Tensor extends TensorMethods {}
