import {
  add,
  apply,
  closeScope,
  expandsTo,
  formatShape,
  type GradientCall,
  GradientError,
  openScope,
  type Shape,
  sameShape,
  sum,
  type Tensor,
} from "@thalweg/tensor";
import { anomaly } from "./anomaly";
import { enableGrad, noGrad } from "./mode";
import { type Edge, isNode, type Node, shown } from "./node";

export interface WalkOptions {
  readonly retainGraph: boolean;
  readonly createGraph: boolean;
  /** Tensors whose gradients are wanted and returned; without them, leaves accumulate into `grad`. */
  readonly targets?: readonly Tensor[];
  /** Do not look behind the targets. */
  readonly stopAtTargets?: boolean;
}

let passes = 0;

/** Sums over the dimensions along which a tensor of `shape` was repeated to get the shape of `grad`. */
function unbroadcast(grad: Tensor, shape: Shape): Tensor {
  const from = grad.layout.shape;
  const lead = from.length - shape.length;
  let dims: number[] | null = null;
  for (let d = 0; d < from.length; d++) {
    if (d < lead || (shape[d - lead] === 1 && from[d] !== 1)) (dims ??= []).push(d);
  }
  if (dims === null) return grad;
  const total = apply(sum.op, [grad], { dims, keepDim: true });
  return lead === 0 ? total : total.reshape(shape);
}

/** State of one walk from results back to leaves. */
class Walk {
  private readonly id = ++passes;
  private readonly options: WalkOptions;
  private readonly order: Node[] = [];
  private readonly leaves = new Map<Tensor, Tensor>();
  /** Tensors and nodes whose gradients are wanted. */
  private readonly wanted: Map<Edge, number> | null;
  private readonly found: (Tensor | null)[];
  private readonly interrupted: { node: Node; pending: Tensor | null; pass: number }[] = [];

  constructor(options: WalkOptions) {
    this.options = options;
    const { targets } = options;
    this.wanted =
      targets === undefined ? null : new Map(targets.map((x, i) => [(x.node as Node | null) ?? x, i]));
    this.found = targets?.map(() => null) ?? [];
  }

  run(roots: readonly Tensor[], seeds: readonly Tensor[]): (Tensor | null)[] {
    try {
      for (const root of roots) if (root.node !== null) this.collect(root.node as Node);
      this.sort();
      const needed = this.wanted === null ? null : this.prune(this.wanted);
      roots.forEach((root, k) => {
        this.give((root.node as Node | null) ?? root, seeds[k]!, false);
      });
      for (const node of this.order) {
        const { pending } = node;
        if (pending === null) continue;
        if (needed === null || needed.has(node)) this.visit(node, needed);
        node.pending = null;
        pending.storage.letGo();
      }
      for (const [leaf, grad] of this.leaves) this.arrive(leaf, grad);
    } finally {
      for (const node of this.order) {
        node.pending = null;
        node.pass = 0;
      }
      for (const { node, pending, pass } of this.interrupted) Object.assign(node, { pending, pass });
    }
    return this.found;
  }

  private collect(root: Node): void {
    const stack = [root];
    const { stopAtTargets } = this.options;
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (node.pass === this.id) continue;
      // Another walk is under way on the same graph: a hook called backward.
      if (node.pass !== 0) this.interrupted.push({ node, pending: node.pending, pass: node.pass });
      node.pass = this.id;
      node.pending = null;
      this.order.push(node);
      if (stopAtTargets === true && this.wanted?.has(node)) continue;
      for (let i = node.edges.length - 1; i >= 0; i--) {
        const edge = node.edges[i]!;
        if (edge !== null && isNode(edge) && edge.pass !== this.id) stack.push(edge);
      }
    }
  }

  private sort(): void {
    const { order } = this;
    for (let i = 1; i < order.length; i++) {
      if (order[i]!.id > order[i - 1]!.id) {
        order.sort((a, b) => b.id - a.id);
        return;
      }
    }
  }

  /** The nodes from which a target can be reached. */
  private prune(wanted: ReadonlyMap<Edge, number>): Set<Edge> {
    const needed = new Set<Edge>(wanted.keys());
    for (let i = this.order.length - 1; i >= 0; i--) {
      const node = this.order[i]!;
      if (node.edges.some((edge) => edge !== null && needed.has(edge))) needed.add(node);
    }
    return needed;
  }

  /** Adds to the gradient of an edge. `own` says that nobody else holds the tensor. */
  private give(edge: Edge, grad: Tensor, own: boolean): void {
    const leaf = !isNode(edge);
    const have = leaf ? this.leaves.get(edge) : edge.pending;
    let sum = grad;
    if (have !== undefined && have !== null) sum = add(have, grad);
    else if (leaf && !own && this.wanted === null) sum = grad.clone();
    sum.storage.hold();
    have?.storage.letGo();
    if (leaf) this.leaves.set(edge, sum);
    else edge.pending = sum;
  }

  private visit(node: Node, needed: ReadonlySet<Edge> | null): void {
    let grad = node.pending!;
    if (node.hooks !== null) {
      grad.storage.expose();
      grad = runHooks(node.hooks, grad);
    }
    if (grad.size <= shown) node.gradient = grad;
    if (node.retained !== null && this.wanted === null)
      accumulate(node.retained, grad.clone(), this.options.createGraph);
    const target = this.wanted?.get(node);
    if (target !== undefined) {
      grad.storage.expose();
      this.found[target] = grad;
      if (this.options.stopAtTargets === true) return;
    }
    check(node);
    // What rules of the library make for themselves, nobody else sees; others may keep what they like.
    const mark = node.op.kind === "opaque" ? -1 : openScope();
    try {
      this.pass(node, grad, needed);
    } finally {
      if (mark >= 0) closeScope(mark);
    }
    if (!this.options.retainGraph) node.free();
  }

  /** Hands the gradients of the inputs on. */
  private pass(node: Node, grad: Tensor, needed: ReadonlySet<Edge> | null): void {
    const { edges } = node;
    const call: GradientCall = {
      grad,
      attrs: node.attrs,
      inputs: node.inputs,
      output: node.output,
      shapes: node.shapes,
      needs: (i) => {
        const edge = edges[i];
        return edge !== null && edge !== undefined && (needed === null || needed.has(edge));
      },
    };
    const grads = node.op.gradient(call);
    if (anomaly.on) lookForNaN(node, grads);
    for (let i = 0; i < edges.length; i++) {
      const edge = edges[i]!;
      const given = grads[i];
      if (edge === null || given === null || given === undefined) continue;
      if (needed !== null && !needed.has(edge)) continue;
      const shape = node.shapes[i]!;
      if (!expandsTo(shape, given.shape)) {
        throw new GradientError(
          node.name,
          `the gradient rule returned the wrong shape, ${formatShape(given.shape)} for input ${i} of shape ${formatShape(shape)}`,
          "return gradients in the shapes of the inputs",
          [given.shape, shape],
        );
      }
      const reduced = unbroadcast(given, shape);
      this.give(edge, reduced, isOwn(reduced, grad, node));
    }
  }

  private arrive(leaf: Tensor, grad: Tensor): void {
    const { createGraph } = this.options;
    const hooks = leafHooks.get(leaf);
    if (hooks !== undefined || createGraph || this.wanted !== null) grad.storage.expose();
    const seen = hooks === undefined ? grad : runHooks(hooks, grad);
    const target = this.wanted?.get(leaf);
    if (this.wanted === null) accumulate(leaf, seen === grad ? grad : seen.clone(), createGraph);
    else if (target !== undefined) this.found[target] = seen;
    grad.storage.letGo();
  }
}

/** Whether a gradient was made for one receiver alone and may be kept by it. */
function isOwn(given: Tensor, incoming: Tensor, node: Node): boolean {
  return (
    given.storage !== incoming.storage &&
    !given.storage.isHeld &&
    given.layout.isContiguous &&
    given.layout.size === given.storage.size &&
    node.op.kind !== "opaque"
  );
}

function check(node: Node): void {
  // What saved nothing has lost nothing, and can be walked as often as one likes.
  if (node.freed && node.saved !== 0) {
    throw new GradientError(
      "backward",
      `the graph was already freed, at ${node.name}, by an earlier backward`,
      "pass { retainGraph: true } to the earlier one to go through it again",
    );
  }
  if (node.countVersions() !== node.versions) {
    throw new GradientError(
      "backward",
      `a tensor that ${node.name} had saved for its gradient was modified in place since`,
      "write to a copy: clone() it first",
      node.shapes,
    );
  }
}

function lookForNaN(node: Node, grads: readonly (Tensor | null)[]): void {
  for (const grad of grads) {
    if (grad?.dataSync().some(Number.isNaN)) {
      throw new GradientError(
        "backward",
        `the gradient of ${node.name} holds NaN`,
        `it was computed here:\n${node.trace ?? "(outside of detectAnomaly)"}`,
      );
    }
  }
}

type Hooks = NonNullable<Node["hooks"]>;

/** Hooks of leaves, which have no node to hold them. */
export const leafHooks = new WeakMap<Tensor, Hooks>();

function runHooks(hooks: Hooks, grad: Tensor): Tensor {
  let result = grad;
  for (const hook of [...hooks]) {
    const given = hook(result);
    if (given === undefined) continue;
    if (!sameShape(given.shape, grad.shape)) {
      throw new GradientError(
        "backward",
        `a hook changed the shape of a gradient, ${formatShape(grad.shape)} to ${formatShape(given.shape)}`,
        "return a gradient of the same shape",
        [grad.shape, given.shape],
      );
    }
    result = given;
  }
  return result;
}

function accumulate(leaf: Tensor, grad: Tensor, keepGraph: boolean): void {
  const { gradient } = leaf;
  if (gradient === null) leaf.grad = keepGraph ? grad : grad.requiresGrad ? grad.detach() : grad;
  else if (keepGraph) leaf.grad = add(gradient, grad);
  else gradient.add_(grad);
}

/** Walks from `roots`, whose gradients are `seeds`, back to the targets or to all leaves. */
export function walk(
  roots: readonly Tensor[],
  seeds: readonly Tensor[],
  options: WalkOptions,
): (Tensor | null)[] {
  const run = () => new Walk(options).run(roots, seeds);
  return options.createGraph ? enableGrad(run) : noGrad(run);
}
