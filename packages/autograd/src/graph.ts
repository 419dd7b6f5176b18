import { onesLike, type Shape, type Tensor } from "@thalweg/tensor";
import { checkArguments, tensorKind } from "@thalweg/tensor/internal";
import { noGrad } from "./mode";
import { edgeOf, isNode, type Node } from "./node";
import { areIntact } from "./saved";
import { unbroadcast } from "./walk";

/** A tensor or a number in a {@link Graph}. */
export interface GraphBox {
  /** A leaf collects a gradient; a constant needs none. */
  readonly kind: "leaf" | "constant" | "operation";
  /** The operation that computed it, or its `name`, or else its kind; a number has none. */
  readonly name?: string;
  readonly shape: Shape;
  /** Null where the graph no longer holds it: results of more than eight elements that no gradient reads. */
  readonly value: Tensor | number | null;
  /** The gradient that `backward()` left: of leaves, and of results of up to eight elements. */
  readonly gradient: Tensor | null;
}

/** An operand of an operation in a {@link Graph}. */
export interface GraphArrow {
  /** Position of the operand among the boxes. */
  readonly from: number;
  /** Position of the result. */
  readonly to: number;
  /**
   * Derivative of the result by the operand, computed now. It is null for constants, for results that have several elements,
   * and where what it reads was freed or overwritten.
   */
  derivative(): Tensor | null;
}

/** What a tensor was computed from. */
export interface Graph {
  /** In the order of the computation: each after those that it was computed from. */
  readonly boxes: readonly GraphBox[];
  readonly arrows: readonly GraphArrow[];
}

/** The operations behind a result, in the order of the computation, with the shapes of their results. */
function operationsBehind(result: Node, shape: Shape): [Node, Shape][] {
  const shapes = new Map([[result, shape]]);
  // The loop comes to what is added meanwhile, too.
  for (const [node] of shapes) {
    node.edges.forEach((edge, i) => {
      if (isNode(edge) && !shapes.has(edge)) shapes.set(edge, node.shapes[i]!);
    });
  }
  return [...shapes].sort(([a], [b]) => a.id - b.id);
}

/** The derivative of a result with one element by an operand. */
function derivative(node: Node, operand: number): Tensor | null {
  const { output } = node;
  if (node.edges[operand] === null || output?.size !== 1 || !areIntact([node])) return null;
  const call = { ...node, grad: onesLike(output), needs: (i: number) => i === operand };
  return noGrad(() => {
    const given = node.op.gradient(call)[operand]!;
    return given && unbroadcast(given, node.shapes[operand]!);
  });
}

/**
 * The graph behind a tensor as data: what it was computed from, with values, gradients and derivatives. {@link toMermaid} and
 * {@link toDot} draw it.
 *
 * @example
 * const [w, x] = [tensor(2, { requiresGrad: true }), tensor(3)];
 * const { boxes, arrows } = toGraph(w.mul(x));
 * console.log(boxes.map(({ name }) => name)); // [ "leaf", "constant", "mul" ]
 * console.log(arrows[0]?.derivative()?.item()); // 3
 */
export function toGraph(root: Tensor): Graph {
  checkArguments("toGraph", { root: tensorKind }, [root]);
  const boxes: GraphBox[] = [];
  const arrows: GraphArrow[] = [];
  const places = new Map<unknown, number>();
  /** Adds a box. Others find its place by `key`. */
  const add = (key: unknown, box: GraphBox) => {
    places.set(key, boxes.length);
    return boxes.push(box) - 1;
  };
  const own = (x: Tensor) => {
    const kind = x.requiresGrad ? "leaf" : "constant";
    return (
      places.get(x) ?? add(x, { kind, name: x.name ?? kind, shape: x.shape, value: x, gradient: x.grad })
    );
  };

  const start = edgeOf(root);
  if (!isNode(start)) own(root);
  else {
    for (const [node, shape] of operationsBehind(start, root.shape)) {
      const operands = node.edges.map((edge, i) => {
        // Those of operations have their places.
        if (edge !== null) return isNode(edge) ? places.get(edge) : own(edge.tensor);
        const value = node.inputs[i];
        if (typeof value !== "number") return value && own(value);
        return add(value, { kind: "constant", shape: [], value, gradient: null });
      });
      const { name, output: value, gradient } = node;
      const to = add(node, { kind: "operation", name, shape, value, gradient });
      operands.forEach((from, i) => {
        if (typeof from === "number") arrows.push({ from, to, derivative: () => derivative(node, i) });
      });
    }
  }
  return { boxes, arrows };
}
