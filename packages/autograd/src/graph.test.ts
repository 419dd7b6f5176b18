import { DTypeError, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { type Graph, noGrad, toGraph } from "./index";

const scalar = (value: number, name: string, requiresGrad = true) => {
  const x = tensor(value, { requiresGrad });
  x.name = name;
  return x;
};

/** Arrows as text: operand, result, derivative. */
function derivatives({ boxes, arrows }: Graph): string[] {
  return arrows.map((arrow) => {
    const name = (i: number) => boxes[i]!.name ?? boxes[i]!.value;
    return `${name(arrow.from)} ${name(arrow.to)} ${arrow.derivative()?.item() ?? null}`;
  });
}

describe("toGraph", () => {
  it("has every tensor once, after those that it was computed from", () => {
    const [w, x, y] = [scalar(2, "w"), scalar(3, "x"), scalar(4, "y", false)];
    const { boxes, arrows } = toGraph(w.mul(x).add(w.mul(y)).mul(0.5));
    expect(boxes.map(({ kind, name }) => [kind, name])).toEqual([
      ["leaf", "w"],
      ["leaf", "x"],
      ["operation", "mul"],
      ["constant", "y"],
      ["operation", "mul"],
      ["operation", "add"],
      ["constant", undefined],
      ["operation", "mul"],
    ]);
    expect(boxes[0]!.value).toBe(w);
    expect(boxes[6]!.value).toBe(0.5);
    for (const { from, to } of arrows) expect(from).toBeLessThan(to);
  });

  it("gives the derivative of each result by each operand, also after the gradients", () => {
    const [w, x, y] = [scalar(2, "w"), scalar(3, "x"), scalar(4, "y", false)];
    const loss = w.mul(x).add(w.mul(y)).square();
    const graph = toGraph(loss);
    const expected = [
      "w mul 3",
      "x mul 2",
      "w mul 4",
      "y mul null",
      "mul add 1",
      "mul add 1",
      "add square 28",
    ];
    expect(derivatives(graph)).toEqual(expected);
    expect(w.grad).toBeNull();
    loss.backward(undefined, { retainGraph: true });
    expect(derivatives(graph)).toEqual(expected);
    const { boxes } = toGraph(loss);
    expect(boxes.map(({ name, gradient }) => [name, gradient?.item() ?? null])).toEqual([
      ["w", 28 * 7],
      ["x", 28 * 2],
      ["mul", 28],
      ["y", null],
      ["mul", 28],
      ["add", 28],
      ["square", 1],
    ]);
  });

  it("sums a derivative over what was broadcast, and gives none of results with several elements", () => {
    const [x, b] = [tensor([1, 2], { requiresGrad: true }), tensor([3], { requiresGrad: true })];
    const { arrows } = toGraph(x.mul(b).sum());
    expect(arrows.map((arrow) => arrow.derivative()?.toArray() ?? null)).toEqual([null, null, [1, 1]]);
    const [one, row] = [tensor([[2]], { requiresGrad: true }), tensor([5], { requiresGrad: true })];
    expect(toGraph(one.mul(row)).arrows.map((arrow) => arrow.derivative()!.toArray())).toEqual([[[5]], [2]]);
  });

  it("gives no derivative of what was freed or overwritten", () => {
    const [w, x] = [scalar(2, "w"), scalar(3, "x")];
    const freed = w.mul(x);
    freed.backward();
    expect(derivatives(toGraph(freed))).toEqual(["w mul null", "x mul null"]);
    const overwritten = w.mul(x);
    noGrad(() => x.add_(1));
    expect(derivatives(toGraph(overwritten))).toEqual(["w mul null", "x mul null"]);
  });

  it("tells the shapes of results that the graph no longer holds", () => {
    const { boxes } = toGraph(zeros([3, 3], { requiresGrad: true }).add(1).add(1));
    const operations = boxes.filter(({ kind }) => kind === "operation");
    expect(operations.map(({ shape, value }) => [shape, value])).toEqual([
      [[3, 3], null],
      [[3, 3], null],
    ]);
  });

  it("is the tensor alone where nothing was computed", () => {
    const x = scalar(1, "x", false);
    expect(toGraph(x)).toEqual({
      boxes: [{ kind: "constant", name: "x", shape: [], value: x, gradient: null }],
      arrows: [],
    });
    expect(() => toGraph(1 as never)).toThrow(DTypeError);
  });
});
