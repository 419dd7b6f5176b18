import {
  type GradientCall,
  GradientError,
  type Op,
  type Shape,
  sum,
  type Tensor,
  to,
  zerosLike,
} from "@thalweg/tensor";
import { apply, closeScope, expandsTo, formatShape, openScope, recorder } from "@thalweg/tensor/internal";
import { anomaly } from "./anomaly";
import { runHooks } from "./hooks";
import { enableGrad, noGrad } from "./mode";
import { type Edge, isNode, type Leaf, type Node, shown, targetOf } from "./node";
import { areIntact, check } from "./saved";

export interface WalkOptions {
  readonly retainGraph: boolean;
  readonly createGraph: boolean;
  /** Tensors whose gradients are wanted and returned; without them, leaves accumulate into `grad`. */
  readonly targets?: readonly Tensor[];
  /** Do not go past the targets. */
  readonly stopAtTargets?: boolean;
}

let passes = 0;

/** Sums over the dimensions along which a tensor of `shape` was broadcast to the shape of `grad`. */
export function unbroadcast(grad: Tensor, shape: Shape): Tensor {
  const from = grad.layout.shape;
  const lead = from.length - shape.length;
  const dims: number[] = [];
  for (let d = 0; d < from.length; d++) {
    if (d < lead || (shape[d - lead] === 1 && from[d] !== 1)) dims.push(d);
  }
  if (dims.length === 0) return grad;
  const keepDim = dims.length > lead;
  const total = apply(sum.op, [grad], { dims, keepDim });
  return keepDim && lead > 0 ? total.reshape(shape) : total;
}

/** A gradient that no longer depends on the tensor, as a result whose own gradient is 0. */
const constant: Op<void> = {
  name: "constant",
  kind: "opaque",
  differentiable: true,
  shape: ([shape]) => shape!,
  forward: ([grad]) => (grad as Tensor).detach(),
  saves: () => 0,
  gradient: ({ grad }) => [null, zerosLike(grad)],
};

/** Ties a gradient to the graph, so that every derivative has a next one, even that of a polynomial. */
function attached(grad: Tensor, to: Tensor): Tensor {
  return grad.requiresGrad ? grad : apply(constant, [grad, to], undefined);
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** State of one walk from results back to leaves. */
class Walk {
  private readonly id = ++passes;
  private readonly options: WalkOptions;
  private readonly order: Node[] = [];
  private readonly leaves: Leaf[] = [];
  /** Tensors and nodes whose gradients are wanted, with their places in `found`. */
  private readonly wanted: ReadonlyMap<Edge, number> | null;
  /** The edges that lead to those. */
  private needed: ReadonlySet<Edge> | null = null;
  private readonly found: (Tensor | null)[];
  /** The state of the outer walk, one of whose hooks started this one. */
  private interrupted: { edge: Edge; before: Partial<Leaf> }[] | null = null;
  /** Whether all nodes were found intact, and nothing can have been written since. */
  private checked = false;
  private edges: readonly (Edge | null)[] = [];
  /** The argument of each gradient rule in turn. */
  private readonly call: Writable<GradientCall> = {
    grad: null as never,
    attrs: undefined,
    inputs: [],
    output: null,
    shapes: [],
    needs: (i) => this.leadsOn(this.edges[i]),
  };

  constructor(options: WalkOptions) {
    this.options = options;
    const { targets } = options;
    this.wanted = targets === undefined ? null : new Map(targets.map((x, i) => [targetOf(x), i]));
    this.found = targets === undefined ? [] : targets.map(() => null);
  }

  run(roots: readonly Tensor[], seeds: readonly Tensor[]): (Tensor | null)[] {
    const { order, leaves } = this;
    try {
      for (const root of roots) if (root.node !== null) this.collect(root.node as Node);
      this.sort();
      if (this.wanted !== null) this.needed = this.prune(this.wanted);
      // If the walk is going to fail, no leaf gets a gradient first.
      const intact = areIntact(order);
      this.checked = intact;
      for (let k = 0; k < roots.length; k++) this.give(targetOf(roots[k]!), seeds[k]!, false);
      for (let i = 0; i < order.length; i++) {
        const node = order[i]!;
        const { pending } = node;
        if (pending !== null) {
          if (this.leadsOn(node)) this.visit(node, pending);
          node.pending = null;
          pending.storage.release();
        }
        if (intact) this.settle(node);
      }
      // Leaves that no edge leads to, because they are roots.
      for (let i = 0; i < leaves.length; i++) this.arrive(leaves[i]!);
    } finally {
      for (let i = 0; i < order.length; i++) leave(order[i]!);
      for (let i = 0; i < leaves.length; i++) leave(leaves[i]!);
      if (this.interrupted !== null) {
        for (const { edge, before } of this.interrupted) Object.assign(edge, before);
      }
    }
    const { createGraph, targets } = this.options;
    return createGraph
      ? this.found.map((grad, i) => (grad === null ? null : attached(grad, targets![i]!)))
      : this.found;
  }

  /** Adds an edge to this walk. */
  private enter(edge: Edge): void {
    if (edge.pass !== 0) {
      const { pending, pass } = edge;
      const before = isNode(edge) ? { pending, pass } : { pending, pass, awaited: edge.awaited };
      (this.interrupted ??= []).push({ edge, before });
      edge.pending = null;
    }
    edge.pass = this.id;
  }

  private enterLeaf(leaf: Leaf): void {
    if (leaf.pass === this.id) return;
    this.enter(leaf);
    leaf.awaited = 0;
    this.leaves.push(leaf);
  }

  private collect(root: Node): void {
    const stack = [root];
    const { stopAtTargets } = this.options;
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (node.pass === this.id) continue;
      this.enter(node);
      this.order.push(node);
      const stops = stopAtTargets === true && this.wanted?.has(node) === true;
      for (let i = node.edges.length - 1; i >= 0; i--) {
        const edge = node.edges[i]!;
        if (edge === null) continue;
        if (!isNode(edge)) {
          this.enterLeaf(edge);
          edge.awaited++;
        } else if (!stops && edge.pass !== this.id) stack.push(edge);
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

  /** Ends a node's part: leaves for which this was the last edge have their whole gradient. */
  private settle({ edges }: Node): void {
    for (let i = 0; i < edges.length; i++) {
      const edge = edges[i]!;
      if (edge !== null && !isNode(edge) && --edge.awaited === 0) this.arrive(edge);
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

  /** Whether an edge leads to anything that is wanted. */
  private leadsOn(edge: Edge | null | undefined): edge is Edge {
    return edge !== null && edge !== undefined && (this.needed === null || this.needed.has(edge));
  }

  /** Adds to the gradient of an edge. `own` says that no other code holds the tensor. */
  private give(edge: Edge, given: Tensor, own: boolean): void {
    const leaf = !isNode(edge);
    const dtype = leaf ? edge.tensor.storage.dtype : edge.dtype;
    const grad = given.storage.dtype === dtype ? given : to(given, dtype);
    if (leaf) this.enterLeaf(edge);
    const { pending } = edge;
    let sum = grad;
    if (pending !== null) sum = pending.add(grad);
    else if (leaf && !own && grad === given && this.wanted === null) sum = grad.clone();
    sum.storage.retain();
    pending?.storage.release();
    edge.pending = sum;
  }

  private visit(node: Node, pending: Tensor): void {
    let grad = pending;
    const target = this.wanted?.get(node);
    if (node.hooks !== null || node.retained !== null || node.op.kind === "opaque") this.checked = false;
    if (node.hooks !== null && !this.isPart(target)) {
      grad.storage.expose();
      grad = runHooks(node.hooks, grad);
    }
    if (grad.layout.size <= shown) node.gradient = grad;
    if (node.retained !== null && this.wanted === null)
      accumulate(node.retained, grad.clone(), this.options.createGraph);
    if (target !== undefined) {
      grad.storage.expose();
      this.found[target] = grad;
      if (this.options.stopAtTargets === true) return;
    }
    if (!this.checked) check(node);
    // Tensors that the library's rules create are visible to them alone; other rules may keep theirs.
    const mark = node.op.kind === "opaque" ? -1 : openScope();
    try {
      this.pass(node, grad);
    } finally {
      if (mark >= 0) closeScope(mark);
    }
    if (!this.options.retainGraph) node.free();
  }

  /** Passes the gradients of the inputs on. */
  private pass(node: Node, grad: Tensor): void {
    const { call } = this;
    const { edges, shapes } = node;
    this.edges = edges;
    call.grad = grad;
    call.attrs = node.attrs;
    call.inputs = node.inputs;
    call.output = node.output;
    call.shapes = shapes;
    const grads = node.op.gradient(call);
    anomaly.look?.(node, grads);
    for (let i = 0; i < edges.length; i++) {
      const edge = edges[i];
      const given = grads[i];
      if (given === null || given === undefined || !this.leadsOn(edge)) continue;
      const shape = shapes[i]!;
      let reduced = given;
      if (given.layout.shape !== shape) {
        if (!expandsTo(shape, given.shape)) throw wrongShape(node, i, given);
        reduced = unbroadcast(given, shape);
      }
      this.give(edge, reduced, isOwn(reduced, grad, node) && !isSharedLater(reduced, grads, i));
    }
  }

  /** Whether the result is only a part of a gradient, which the enclosing walk will add to others. */
  private isPart(target: number | undefined): boolean {
    return target !== undefined && this.options.stopAtTargets === true;
  }

  private arrive(leaf: Leaf): void {
    const { createGraph } = this.options;
    const { tensor } = leaf;
    const grad = leaf.pending;
    if (grad === null) return;
    // Before a user's hook runs, which may walk here, too.
    leaf.pending = null;
    this.checked = false;
    const target = this.wanted?.get(leaf);
    const hooks = this.isPart(target) ? null : leaf.hooks;
    if (hooks !== null || createGraph || this.wanted !== null) grad.storage.expose();
    const seen = hooks === null ? grad : runHooks(hooks, grad);
    if (this.wanted === null) accumulate(tensor, seen === grad ? grad : seen.clone(), createGraph);
    else if (target !== undefined) this.found[target] = seen;
    grad.storage.release();
    if (this.wanted === null && leaf.afterwards !== null) {
      for (const hook of [...leaf.afterwards]) hook(tensor);
    }
  }
}

/** Ends an edge's part in a walk. */
function leave(edge: Edge): void {
  edge.pending = null;
  edge.pass = 0;
}

function wrongShape(node: Node, input: number, given: Tensor): GradientError {
  const shape = node.shapes[input]!;
  return new GradientError(
    node.name,
    `the gradient rule returned the wrong shape, ${formatShape(given.shape)} for input ${input} of shape ${formatShape(shape)}`,
    "return gradients in the shapes of the inputs",
    [given.shape, shape],
  );
}

/** Whether a gradient was made for one receiver alone, which may keep it. */
function isOwn(given: Tensor, incoming: Tensor, node: Node): boolean {
  return (
    given.storage !== incoming.storage &&
    !given.storage.isHeld &&
    given.layout.isContiguous &&
    given.layout.size === given.storage.size &&
    node.op.kind !== "opaque"
  );
}

/** Whether a gradient shares its memory with one that a later input of the node gets. */
function isSharedLater(given: Tensor, grads: readonly (Tensor | null)[], input: number): boolean {
  for (let i = input + 1; i < grads.length; i++) if (grads[i]?.storage === given.storage) return true;
  return false;
}

function accumulate(leaf: Tensor, grad: Tensor, keepGraph: boolean): void {
  recorder?.gradient(leaf);
  const { gradient } = leaf;
  if (gradient === null)
    leaf.keepGradient(keepGraph ? attached(grad, leaf) : grad.requiresGrad ? grad.detach() : grad);
  else if (keepGraph) leaf.keepGradient(attached(gradient.add(grad), leaf));
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
