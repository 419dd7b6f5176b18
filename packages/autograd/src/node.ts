import type {
  DType,
  GradientHook,
  GraphNode,
  Input,
  Op,
  PostAccumulateGradHook,
  Shape,
  Tensor,
} from "@thalweg/tensor";

/** The destination of a gradient: the operation that computed an input, or a leaf. */
export type Edge = Node | Leaf;

/** Tensors up to this size stay on the graph after backward, so that it can be drawn with its numbers. */
export const shown = 8;

/** A mask of the first `count` inputs; all bits when an integer has too few. */
export function allBits(count: number): number {
  return count < 31 ? (1 << count) - 1 : -1;
}

/** The end of a path: a tensor that collects its gradient. */
export class Leaf implements GraphNode {
  readonly name = "leaf";
  readonly tensor: Tensor;
  /** As in {@link Node}. */
  pending: Tensor | null = null;
  pass = 0;
  /** The number of edges in the pass that have yet to bring their part. */
  awaited = 0;
  hooks: GradientHook[] | null = null;
  /** Called after the gradient was added to the tensor's. */
  afterwards: PostAccumulateGradHook[] | null = null;

  constructor(tensor: Tensor) {
    this.tensor = tensor;
  }
}

let count = 0;

/** One recorded operation. */
export class Node implements GraphNode {
  // Private, since tests compare tensors by their fields, and repeating a calculation changes nothing else.
  readonly #id = count++;
  readonly op: Op<unknown>;
  readonly attrs: unknown;
  /** One for each input; null where none is needed. */
  readonly edges: readonly (Edge | null)[];
  readonly shapes: readonly Shape[];
  /** Inputs that the gradient rule reads, and those that are small enough to be shown. */
  readonly inputs: (Input | null)[];
  /** The result, if the rule reads it or it is small. */
  output: Tensor | null;
  /** Bits of the inputs, and after them of the result, that the rule reads. */
  readonly saved: number;
  /** Element type of the result, and so of its gradient. */
  readonly dtype: DType;
  /** Sum of the version counters of what was saved: they only grow, so any write changes it. */
  readonly versions: number;
  freed = false;
  /** Gradient collected so far in the pass `pass`. */
  pending: Tensor | null = null;
  pass = 0;
  /** The last gradient, where it is small. */
  gradient: Tensor | null = null;
  /** Tensor whose `grad` will hold the gradient of this result. */
  retained: Tensor | null = null;
  hooks: GradientHook[] | null = null;
  /** Where the operation was called, while anomalies are being looked for. */
  trace: string | undefined = undefined;

  /** Later operations have larger numbers, so that descending order is topological. */
  get id(): number {
    return this.#id;
  }

  constructor(
    op: Op<unknown>,
    attrs: unknown,
    edges: readonly (Edge | null)[],
    shapes: readonly Shape[],
    inputs: (Input | null)[],
    output: Tensor,
    saved: number,
  ) {
    this.op = op;
    this.attrs = attrs;
    this.edges = edges;
    this.shapes = shapes;
    this.inputs = inputs;
    this.saved = saved;
    this.dtype = output.storage.dtype;
    this.output = saved & (1 << inputs.length) || output.size <= shown ? output : null;
    this.versions = saved === 0 ? 0 : this.retain();
  }

  get name(): string {
    return this.op.name;
  }

  /** The tensor saved at place `i`: an input, or after the inputs the result. */
  private savedAt(i: number): Tensor | null {
    if ((this.saved & (1 << i)) === 0) return null;
    const tensor = i < this.inputs.length ? this.inputs[i] : this.output;
    return typeof tensor === "object" ? tensor : null;
  }

  countVersions(): number {
    let sum = 0;
    if (this.saved === 0) return sum;
    for (let i = 0; i <= this.inputs.length; i++) sum += this.savedAt(i)?.storage.version ?? 0;
    return sum;
  }

  /** Retains what was saved; returns its versions. */
  private retain(): number {
    let sum = 0;
    for (let i = 0; i <= this.inputs.length; i++) {
      const tensor = this.savedAt(i);
      if (tensor === null) continue;
      tensor.storage.retain();
      sum += tensor.storage.version;
    }
    return sum;
  }

  private release(): void {
    if (this.saved === 0) return;
    for (let i = 0; i <= this.inputs.length; i++) this.savedAt(i)?.storage.release();
  }

  /** Releases what was saved, except for small tensors. */
  free(): void {
    if (!this.freed) this.release();
    this.freed = true;
    for (let i = 0; i < this.inputs.length; i++) {
      const input = this.inputs[i]!;
      if (typeof input === "object" && input !== null && input.size > shown) this.inputs[i] = null;
    }
    if (this.output !== null && this.output.size > shown) this.output = null;
  }
}

/** The destination of a tensor's gradient; null when it needs none. */
export function edgeOf(x: Tensor): Edge | null {
  return x.requiresGrad ? targetOf(x) : null;
}

/** The destination of the gradient of a tensor that needs one. */
export function targetOf(x: Tensor): Edge {
  return (x.node as Node | null) ?? ((x.leaf ??= new Leaf(x)) as Leaf);
}

export function isNode(edge: Edge | null): edge is Node {
  return edge instanceof Node;
}

/**
 * Whether the history of a tensor is no more than a memory: a walk from it fails, or reaches nothing but leaves that
 * `isLasting` accepts, since no node reads a tensor.
 */
export function isSpent(x: Tensor, isLasting: (leaf: Tensor) => boolean): boolean {
  const seen = new Set<Edge>();
  const open: (Edge | null)[] = [edgeOf(x)];
  for (let edge = open.pop(); edge !== undefined; edge = open.pop()) {
    if (edge === null || seen.has(edge)) continue;
    seen.add(edge);
    if (!isNode(edge)) {
      if (!isLasting(edge.tensor)) return false;
    } else if (edge.freed && edge.saved !== 0) continue;
    else if (edge.saved !== 0) return false;
    else open.push(...edge.edges);
  }
  return true;
}
