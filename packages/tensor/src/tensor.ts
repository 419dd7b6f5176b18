import type { DType, ElementArray, Layout, Storage, View } from "@thalweg/kernels";
import {
  changes,
  DTypeError,
  formatShape,
  GradientError,
  isFloating,
  leftBehind,
  recorder,
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

/** Tensors that were disposed of. */
const disposed = new WeakSet<Tensor>();

/** Throws if the memory of a tensor was freed; `op` is the operation that needs it. */
export function checkAlive(op: string, { storage, shape }: Tensor): void {
  if (!storage.isDisposed) return;
  const [what, remedy] = leftBehind.has(storage)
    ? ["made inside of a compiled function", "return it from the function"]
    : ["disposed of", "dispose of it later, or never"];
  throw new ThalwegError(op, `the tensor was ${what}, shape ${formatShape(shape)}`, remedy, [shape]);
}

function checkReadable(op: string, x: Tensor): void {
  checkAlive(op, x);
  recorder?.read(op);
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

/** The elements as users read them: a bool tensor has bytes. */
function asRead(dtype: DType, elements: ElementArray): TensorArray {
  return dtype === "bool" ? Uint8Array.from(elements) : elements;
}

function readNow(op: string, x: Tensor): TensorArray {
  checkReadable(op, x);
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

/** Whether two tensors have the same type and device. */
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

/** The elements of a tensor. A bool tensor has bytes that are 0 or 1. */
export type TensorArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** Nested arrays of numbers with one level for each dimension; a number for rank 0. */
export type NestedArray = number | NestedArray[];

/**
 * An n-dimensional array of numbers: a storage seen through a layout. Views (`transpose`, `slice`, ...) share the storage,
 * so all of them see an in-place write. Tensors need not be disposed of.
 *
 * {@link tensor}, {@link zeros} and similar functions make tensors. Every operation is a method, and a function of the same
 * name.
 */
export class Tensor implements View {
  // Public members come first, because compilers list missing members in the order of declaration.

  /** Sizes of the dimensions, outermost first. */
  get shape(): Shape {
    return this.layout.shape;
  }

  /** Distances, in elements, between neighbours along each dimension. */
  get strides(): readonly number[] {
    return this.layout.strides;
  }

  /** Position of the first element in the storage. */
  get offset(): number {
    return this.layout.offset;
  }

  /** Number of dimensions. */
  get ndim(): number {
    return this.layout.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return this.layout.size;
  }

  /** Type of the elements. */
  get dtype(): DType {
    return this.storage.dtype;
  }

  /** Where the elements are: `"cpu"`, `"webgpu"`, or the name of another backend. */
  get device(): string {
    return this.storage.backend.device;
  }

  /** The memory, which views share. */
  readonly storage: Storage;
  /** Shape, strides and offset. */
  readonly layout: Layout;
  /** The value of {@link grad}, for readers that do not keep it. Its memory may be freed when it is cleared. @internal */
  gradient: Tensor | null = null;
  /** The engine's history of this tensor; null for leaves. @internal */
  node: GraphNode | null = null;
  /** The node in which the engine collects the gradient of a leaf. @internal */
  leaf: GraphNode | null = null;
  /** The tensor of which this is a view, if it is one. @internal */
  base: Tensor | null = null;
  /**
   * Number of in-place writes that changed the history. A view has the number of its base when it was last updated, or -1
   * if it was made while nothing was recorded. @internal
   */
  generation = 0;
  /** A name that modules set, for error messages and state dicts. */
  name: string | undefined = undefined;
  private tracked = false;

  /** Only the library calls the constructor, and other calls throw. Use {@link tensor} and similar functions. */
  constructor(storage: Storage, layout: Layout) {
    this.storage = storage;
    this.layout = layout;
    if (storage?.share === undefined) {
      throw new DTypeError(
        "Tensor",
        "tensors are not created with new",
        "use tensor(data), zeros or the like",
      );
    }
    storage.share();
  }

  /** @internal */
  get [copyMark](): object {
    return thisCopy;
  }

  /**
   * Whether operations on this tensor are recorded for `backward()`. Floating tensors can be set to true, and leaves
   * to false.
   */
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
    if (value !== this.tracked) changes.count++;
    this.tracked = value;
  }

  /** The gradient, which `backward()` accumulates in leaves that require it; null before. */
  get grad(): Tensor | null {
    recorder?.gradient(this);
    const { gradient } = this;
    if (gradient !== null) gradient.storage.expose();
    return gradient;
  }

  set grad(grad: Tensor | null) {
    if (grad !== null) checkGrad(this, grad);
    this.keepGradient(grad);
  }

  /** Sets {@link grad} without a check. @internal */
  keepGradient(grad: Tensor | null): void {
    recorder?.gradient(this);
    grad?.storage.retain();
    this.gradient?.storage.release();
    this.gradient = grad;
  }

  /** Whether the tensor was created by the user, and not computed from a tensor that requires grad. */
  get isLeaf(): boolean {
    return !this.requiresGrad || this.node === null;
  }

  /** Whether the elements are in row-major order without gaps. */
  isContiguous(): boolean {
    return this.layout.isContiguous;
  }

  /**
   * Returns the only element as a number.
   *
   * @throws ShapeError when the tensor does not have exactly one element; DeviceError on WebGPU, where `itemAsync` works.
   * @example
   * tensor([[3.5]]).item(); // → 3.5
   */
  item(): number {
    checkSingle("item", this);
    checkReadable("item", this);
    return this.storage.backend.at(this.storage, this.layout.offset);
  }

  /**
   * Does the same as {@link item}, on every device.
   *
   * @example
   * await tensor([[3.5]]).itemAsync(); // → 3.5
   */
  async itemAsync(): Promise<number> {
    checkSingle("itemAsync", this);
    checkReadable("itemAsync", this);
    return (await this.data())[0]!;
  }

  /**
   * Returns the elements in row-major order, copied to a new typed array.
   *
   * @throws DeviceError on WebGPU, where `await x.data()` works.
   */
  dataSync(): TensorArray {
    return readNow("dataSync", this);
  }

  /** Does the same as {@link dataSync}, on every device. */
  async data(): Promise<TensorArray> {
    checkReadable("data", this);
    return asRead(this.dtype, await this.storage.backend.read(this));
  }

  /**
   * Returns the elements as nested arrays.
   *
   * @example
   * tensor([1, 2, 3, 4]).reshape([2, 2]).toArray(); // → [[1,2],[3,4]]
   */
  toArray(): NestedArray {
    return nested(readNow("toArray", this), this.shape);
  }

  /**
   * Does the same as {@link toArray}, on every device.
   *
   * @example
   * await tensor([[1, 2], [3, 4]]).toArrayAsync(); // → [[1,2],[3,4]]
   */
  async toArrayAsync(): Promise<NestedArray> {
    checkReadable("toArrayAsync", this);
    return nested(await this.data(), this.shape);
  }

  /** The same as {@link toArray}, for `JSON.stringify`. NaN and infinities become null, because JSON lacks them. */
  toJSON(): NestedArray {
    return this.toArray();
  }

  /**
   * Iterates over the first dimension: `for (const row of x)`. The rows are views. A tensor of rank 0 is not iterable.
   *
   * @example
   * [...tensor([[1, 2], [3, 4]])].map((row) => row.sum().item()); // → [3,7]
   */
  get [Symbol.iterator](): () => IterableIterator<Tensor> {
    // Undefined at rank 0, because test runners check for it before they compare iterables.
    return this.ndim === 0 ? (undefined as never) : rows;
  }

  /**
   * Returns the only element for JavaScript's operators, and the text of {@link toString} for templates.
   *
   * @throws ShapeError when an operator gets a tensor that does not have exactly one element.
   */
  [Symbol.toPrimitive](hint: string): number | string {
    if (hint === "string") return this.toString();
    if (this.size === 1) return this.item();
    throw new ShapeError(
      "Tensor",
      `JavaScript's operators take only tensors of one element, got shape ${formatShape(this.shape)}`,
      "use methods such as add, mul and gt, and item() for a number",
      [this.shape],
    );
  }

  /** The elements as text, in PyTorch's format. */
  toString(): string {
    return printTensor(this, readNow("toString", this));
  }

  /** @internal Node's inspection prints the result of `toString`, or only shape and device if the elements cannot be read. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    try {
      return this.toString();
    } catch {
      return `tensor(shape=${formatShape(this.shape)}, device='${this.device}')`;
    }
  }

  /**
   * Releases the memory of this tensor before the garbage collector would, which knows little of a GPU's memory. This is
   * never necessary. The memory is freed at once, unless a graph that has not been walked yet or another tensor shares it
   * (a view, or the base of this view). Then it is freed with the last of these. Using a tensor with freed memory is an
   * error.
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

  /** A tensor with the same storage but no history, which does not require grad. */
  detach(): Tensor {
    const detached = new Tensor(this.storage, this.layout);
    recorder?.wrapped(detached, this);
    return detached;
  }

  /**
   * Computes the gradients of this scalar, or of `sum(this * seed)`, with respect to every leaf that it was computed from,
   * and adds them to their `grad`. `seed` is 1 unless given, for a tensor with a single element. Frees the saved tensors of
   * the graph unless `retainGraph` is set.
   *
   * @throws GradientError when this does not require grad, the seed is missing or has the wrong shape, the graph was already
   * freed, or a saved tensor was overwritten.
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
   * Calls `hook` with the gradient of this tensor when it is complete, in a leaf before it is added to `grad`. If the hook
   * returns a tensor, that takes the place of the gradient.
   *
   * @returns a function that removes the hook
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
   * Calls `hook` with this leaf in each `backward()`, as soon as its gradient was added to `grad`, while other gradients are
   * still being computed. The hook may write to the leaf and clear its `grad`, so that an optimizer that steps in hooks
   * needs the memory of one gradient at a time. `grad(outputs, inputs)` accumulates nothing, and calls no such hook.
   *
   * @returns a function that removes the hook
   * @throws GradientError when this does not require grad or is not a leaf.
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

/** The operations as methods; `methods.ts` adds them to the prototype. */
export interface Tensor extends TensorMethods {}
