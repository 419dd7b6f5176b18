import { fc, test } from "@fast-check/vitest";
import { pointwise, type Tensor, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { defineFunction, toDot, toMermaid } from "./index";

/** c = w·x + w·y and loss = c²/2: w has two paths to the loss. */
function twoPaths(): { w: Tensor; x: Tensor; y: Tensor; loss: Tensor } {
  const w = tensor(2, { requiresGrad: true });
  const x = tensor(3, { requiresGrad: true });
  const y = tensor(4);
  Object.assign(w, { name: "w" });
  Object.assign(x, { name: "x" });
  Object.assign(y, { name: "y" });
  const c = w.mul(x).add(w.mul(y));
  return { w, x, y, loss: c.square().mul(0.5) };
}

interface Drawn {
  /** Lines of each box by its id, the outline as the first. */
  readonly boxes: Map<string, string[]>;
  readonly arrows: string[][];
}

const outlines: Record<string, string> = { '(["': "leaf", '["': "constant", '("': "operation" };

/** Parses a flowchart. */
function parse(text: string): Drawn {
  const [head, ...lines] = text.split("\n");
  expect(head).toBe("flowchart LR");
  const boxes = new Map<string, string[]>();
  const arrows: string[][] = [];
  for (const line of lines) {
    const arrow = /^ {2}(\w+) --> (\w+)$/.exec(line);
    if (arrow !== null) {
      arrows.push([arrow[1]!, arrow[2]!]);
      continue;
    }
    const box = /^ {2}(\w+)(\(\["|\["|\(")(.*?)"[\])]+$/.exec(line)!;
    boxes.set(box[1]!, [outlines[box[2]!]!, ...box[3]!.split("<br/>")]);
  }
  return { boxes, arrows };
}

/** Arrows by the text of the boxes at their ends. */
function paths({ boxes, arrows }: Drawn): string[] {
  const label = (id: string) => boxes.get(id)!.slice(1, 3).join(" ");
  return arrows.map(([from, to]) => `${label(from!)} -> ${label(to!)}`).sort();
}

describe("toMermaid", () => {
  it("draws every operation and leaf once, with all the paths between them", () => {
    const { loss } = twoPaths();
    const drawn = parse(toMermaid(loss));
    expect([...drawn.boxes.values()].map((lines) => lines.join("|")).sort()).toEqual([
      "constant|0.5",
      "constant|y|value 4",
      "leaf|w|value 2",
      "leaf|x|value 3",
      "operation|add|value 14",
      "operation|mul|value 6",
      "operation|mul|value 8",
      "operation|mul|value 98",
      "operation|square|value 196",
    ]);
    expect(paths(drawn)).toEqual(
      [
        "0.5 -> mul value 98",
        "add value 14 -> square value 196",
        "mul value 6 -> add value 14",
        "mul value 8 -> add value 14",
        "square value 196 -> mul value 98",
        "w value 2 -> mul value 6",
        "w value 2 -> mul value 8",
        "x value 3 -> mul value 6",
        "y value 4 -> mul value 8",
      ].sort(),
    );
  });

  it("shows the gradients after backward: that of w is the sum over both its paths", () => {
    const { w, x, y, loss } = twoPaths();
    loss.backward();
    // dloss/dc = c = 14, so w gets 14·3 along the one path and 14·4 along the other.
    expect(w.grad!.item()).toBe(14 * 3 + 14 * 4);
    expect(x.grad!.item()).toBe(14 * 2);
    expect(y.grad).toBeNull();
    const lines = [...parse(toMermaid(loss)).boxes.values()].map((box) => box.join("|"));
    expect(lines.sort()).toEqual([
      "constant|0.5",
      "constant|y|value 4",
      "leaf|w|value 2|grad 98",
      "leaf|x|value 3|grad 28",
      "operation|add|value 14|grad 14",
      "operation|mul|value 6|grad 14",
      "operation|mul|value 8|grad 14",
      "operation|mul|value 98|grad 1",
      "operation|square|value 196|grad 0.5",
    ]);
  });

  it("shows shapes, and numbers of up to eight elements", () => {
    const small = tensor([1, 2.5], { requiresGrad: true });
    const large = zeros([3, 3], { requiresGrad: true });
    small.name = "small";
    large.name = "large";
    const text = toMermaid(small.sum().add(large.sum()));
    expect(text).toContain('(["small [2]<br/>value [1, 2.5]"])');
    expect(text).toContain('(["large [3, 3]"])');
  });

  it("draws a constant that is used twice once", () => {
    const [x, k] = [tensor(2, { requiresGrad: true }), tensor(3)];
    const drawn = parse(toMermaid(x.mul(k).add(k)));
    const boxes = [...drawn.boxes].filter(([, lines]) => lines.join("|") === "constant|constant|value 3");
    expect(boxes).toHaveLength(1);
    expect(drawn.arrows.filter(([from]) => from === boxes[0]![0])).toHaveLength(2);
  });

  it("draws a leaf by itself, and escapes what would end a label", () => {
    const x = tensor(1, { requiresGrad: true });
    x.name = 'the "x"';
    expect(toMermaid(x)).toBe('flowchart LR\n  n0(["the &quot;x&quot;<br/>value 1"])');
  });

  it("can draw a deep graph", () => {
    let y = tensor(1, { requiresGrad: true });
    for (let i = 0; i < 20_000; i++) y = y.add(1);
    expect(toMermaid(y).split("\n").length).toBeGreaterThan(40_000);
  });
});

describe("toDot", () => {
  it("draws the same boxes and arrows in Graphviz' language", () => {
    const { loss } = twoPaths();
    loss.backward();
    const lines = toDot(loss).split("\n");
    expect(lines.slice(0, 2)).toEqual(["digraph {", "  rankdir=LR;"]);
    expect(lines.at(-1)).toBe("}");
    const mermaid = parse(toMermaid(loss));
    const boxes = lines.filter((line) => line.includes("[shape="));
    expect(boxes).toHaveLength(mermaid.boxes.size);
    expect(boxes.filter((line) => line.includes("shape=ellipse"))).toEqual([
      expect.stringContaining('label="w\\nvalue 2\\ngrad 98"'),
      expect.stringContaining('label="x\\nvalue 3\\ngrad 28"'),
    ]);
    const arrows = lines.flatMap((line) => /^ {2}(\w+) -> (\w+);$/.exec(line)?.slice(1) ?? []);
    expect(arrows).toEqual(mermaid.arrows.flat());
  });

  it("escapes what would end a label", () => {
    const x = tensor(1, { requiresGrad: true });
    x.name = 'a "b" \\';
    expect(toDot(x)).toContain('label="a \\"b\\" \\\\\\nvalue 1"');
  });
});

describe("hostile names", () => {
  const pieces = [
    "\n",
    "\r",
    "\u2028",
    "\0",
    '"',
    "\\",
    "`",
    "]",
    ")",
    "<script>",
    "&lt;",
    "%%{init: {}}%%",
    "#35;",
    "--> n0",
    "x",
  ];
  const hostile = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom(...pieces) }));
  const graph = (name: string) => {
    const x = tensor([1], { requiresGrad: true });
    x.name = name;
    const own = defineFunction({ name, forward: (y: Tensor) => y.mul(2), backward: (g) => g.mul(2) });
    return own(pointwise(name, (y) => y.exp())(x)).sum();
  };
  const boxes = 4;

  test.prop([hostile])("stay in their boxes in Mermaid", (name) => {
    const lines = toMermaid(graph(name)).split(/[\n\r\u0085\u2028\u2029]/);
    expect(lines.filter((line) => line.includes(" --> ") && !line.includes('"'))).toHaveLength(boxes - 1);
    const texts = lines
      .slice(1)
      .flatMap((line) => /^ {2}n\d+(?:\(\["|\["|\(")(.*)"[\])]+$/.exec(line)?.[1] ?? []);
    expect(texts).toHaveLength(boxes);
    expect(lines).toHaveLength(2 * boxes);
    for (const text of texts) expect(text.replaceAll("<br/>", "")).not.toMatch(/[<>"`#%\\\p{Cc}]|&(?!\w+;)/u);
  });

  test.prop([hostile])("stay in their boxes in dot", (name) => {
    const lines = toDot(graph(name)).split(/[\n\r\u0085\u2028\u2029]/);
    const labels = lines.flatMap(
      (line) => /^ {2}n\d+ \[shape=\w+, label="((?:[^"\\]|\\.)*)"\];$/u.exec(line)?.[1] ?? [],
    );
    expect(labels).toHaveLength(boxes);
    expect(lines).toHaveLength(2 + boxes + boxes - 1 + 1);
    for (const label of labels) expect(label).not.toMatch(/\p{Cc}/u);
  });
});
