import { DeviceError, type Tensor } from "@thalweg/tensor";
import { checkArguments, tensorKind } from "@thalweg/tensor/internal";
import { type GraphBox, toGraph } from "./graph";
import { shown } from "./node";

const list = (values: readonly number[]) => `[${values.join(", ")}]`;

/** A line with the elements of a small tensor; none for a large one, or on a device that is only read asynchronously. */
function numbers(label: string, x: Tensor | null): string[] {
  if (x === null || x.size > shown) return [];
  try {
    const data = Array.from(x.dataSync(), (v) => Number(v.toPrecision(4)));
    return [`${label} ${x.size === 1 ? data[0] : list(data)}`];
  } catch (error) {
    if (error instanceof DeviceError) return [];
    throw error;
  }
}

/** Name or operation, shape unless it is a scalar, value and gradient where they are small and known. */
function describe({ name, shape, value, gradient }: GraphBox): string[] {
  if (typeof value === "number") return [`${value}`];
  const sized = shape.length === 0 ? name! : `${name} ${list(shape)}`;
  return [sized, ...numbers("value", value), ...numbers("grad", gradient)];
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
  const { boxes, arrows } = toGraph(root);
  const shape = { leaf: ['(["', '"])'], constant: ['["', '"]'], operation: ['("', '")'] } as const;
  return [
    "flowchart LR",
    ...boxes.map((box, i) => `  n${i}${shape[box.kind].join(describe(box).map(entities).join("<br/>"))}`),
    ...arrows.map(({ from, to }) => `  n${from} --> n${to}`),
  ].join("\n");
}

/** The graph behind a tensor in Graphviz' language, as {@link toMermaid} draws it. */
export function toDot(root: Tensor): string {
  checkArguments("toDot", { root: tensorKind }, [root]);
  const { boxes, arrows } = toGraph(root);
  const shape = { leaf: "ellipse", constant: "plaintext", operation: "box" };
  const escaped = (line: string) => onOneLine(line).replaceAll(/["\\]/g, "\\$&");
  return [
    "digraph {",
    "  rankdir=LR;",
    ...boxes.map(
      (box, i) => `  n${i} [shape=${shape[box.kind]}, label="${describe(box).map(escaped).join("\\n")}"];`,
    ),
    ...arrows.map(({ from, to }) => `  n${from} -> n${to};`),
    "}",
  ].join("\n");
}
