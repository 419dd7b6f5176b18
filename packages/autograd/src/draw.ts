import { DeviceError, type Tensor } from "@thalweg/tensor";
import { checkArguments, tensorKind } from "@thalweg/tensor/internal";
import { type Edge, edgeOf, isNode, type Node, shown } from "./node";

interface Box {
  readonly id: string;
  readonly lines: readonly string[];
  readonly kind: "leaf" | "constant" | "operation";
}

interface Drawing {
  readonly boxes: readonly Box[];
  readonly arrows: readonly (readonly [from: string, to: string])[];
}

/** The elements of a small tensor; null for a large one, or on a device that is only read asynchronously. */
function elements(x: Tensor): ArrayLike<number> | null {
  if (x.size > shown) return null;
  try {
    return x.dataSync();
  } catch (error) {
    if (error instanceof DeviceError) return null;
    throw error;
  }
}

function numbers(x: Tensor | null): string | null {
  const values = x === null ? null : elements(x);
  if (x === null || values === null) return null;
  const data = Array.from(values, (v) => String(Number(v.toPrecision(4))));
  return x.size === 1 ? data[0]! : `[${data.join(", ")}]`;
}

/** Name or operation, shape unless it is a scalar, value and gradient where they are small and known. */
function describe(
  title: string,
  shape: readonly number[],
  value: Tensor | null,
  grad: Tensor | null,
): string[] {
  const sized = shape.length === 0 ? title : `${title} [${shape.join(", ")}]`;
  const [v, g] = [numbers(value), numbers(grad)];
  return [sized, ...(v === null ? [] : [`value ${v}`]), ...(g === null ? [] : [`grad ${g}`])];
}

/** Boxes from the last result to the leaves: one for each tensor, so that shared ones show all their paths. */
function layOut(root: Tensor): Drawing {
  const boxes: Box[] = [];
  const arrows: [string, string][] = [];
  const known = new Map<Edge | Tensor, string>();
  const add = (kind: Box["kind"], lines: string[]): string => {
    boxes.push({ id: `n${boxes.length}`, lines, kind });
    return `n${boxes.length - 1}`;
  };
  const leaf = (x: Tensor, kind: "leaf" | "constant"): string =>
    add(kind, describe(x.name ?? kind, x.shape, x, x.gradient));
  const stack: Node[] = [];
  const visit = (edge: Edge, shape: readonly number[]): string => {
    let id = known.get(edge);
    if (id !== undefined) return id;
    if (isNode(edge)) {
      id = add("operation", describe(edge.name, edge.output?.shape ?? shape, edge.output, edge.gradient));
      stack.push(edge);
    } else id = leaf(edge.tensor, "leaf");
    known.set(edge, id);
    return id;
  };
  const start = edgeOf(root);
  if (start === null) leaf(root, "leaf");
  else visit(start, root.shape);
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    const to = known.get(node)!;
    node.edges.forEach((edge, i) => {
      const input = node.inputs[i];
      if (edge !== null) arrows.push([visit(edge, node.shapes[i]!), to]);
      else if (typeof input === "number") arrows.push([add("constant", [String(input)]), to]);
      else if (input !== null && input !== undefined) {
        const id = known.get(input) ?? leaf(input, "constant");
        known.set(input, id);
        arrows.push([id, to]);
      }
    });
  }
  return { boxes, arrows };
}

/** Names are the user's: none may break out of its line. */
const onOneLine = (text: string) => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu, " ");

const names: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "`": "&grave;",
  "#": "&num;",
  "%": "&percnt;",
  "\\": "&bsol;",
};

/** Escapes whatever means something to Mermaid or HTML. */
const entities = (text: string) =>
  onOneLine(text).replaceAll(/[&<>"`#%\\]/g, (character) => names[character]!);

/**
 * The graph behind a tensor as a Mermaid flowchart: each tensor and what it was computed from. Tensors of up to eight
 * elements show their values, and after `backward()` their gradients. Set `name` on a leaf to label it.
 */
export function toMermaid(root: Tensor): string {
  checkArguments("toMermaid", { root: tensorKind }, [root]);
  const { boxes, arrows } = layOut(root);
  const shape = { leaf: ['(["', '"])'], constant: ['["', '"]'], operation: ['("', '")'] } as const;
  return [
    "flowchart LR",
    ...boxes.map(({ id, lines, kind }) => {
      const text = lines.map(entities).join("<br/>");
      return `  ${id}${shape[kind][0]}${text}${shape[kind][1]}`;
    }),
    ...arrows.map(([from, to]) => `  ${from} --> ${to}`),
  ].join("\n");
}

/** The graph behind a tensor in Graphviz' language, as {@link toMermaid} draws it. */
export function toDot(root: Tensor): string {
  checkArguments("toDot", { root: tensorKind }, [root]);
  const { boxes, arrows } = layOut(root);
  const shape = { leaf: "ellipse", constant: "plaintext", operation: "box" };
  return [
    "digraph {",
    "  rankdir=LR;",
    ...boxes.map(({ id, lines, kind }) => {
      const text = lines.map((line) => onOneLine(line).replaceAll(/["\\]/g, "\\$&")).join("\\n");
      return `  ${id} [shape=${shape[kind]}, label="${text}"];`;
    }),
    ...arrows.map(([from, to]) => `  ${from} -> ${to};`),
    "}",
  ].join("\n");
}
