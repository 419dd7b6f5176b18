import type { Tensor } from "@thalweg/tensor";
import { sameShape } from "@thalweg/tensor/internal";
import { isRecord } from "./header";

/** The metadata under which a file keeps the further names of its tensors, as JSON: `{"lm_head.weight":"wte.weight"}`. */
const key = "thalweg.aliases";

/** Finds tensors that show the same elements of the same memory, such as tied weights, which a file holds once. */
export class Names {
  private readonly known = new Map<object, [name: string, tensor: Tensor][]>();

  /** The name of an earlier tensor that is this one; undefined if there is none, and this one is an earlier one now. */
  earlier(name: string, x: Tensor): string | undefined {
    const others = this.known.get(x.storage) ?? [];
    const same = others.find(([, other]) => isSame(x, other));
    if (same === undefined) this.known.set(x.storage, [...others, [name, x]]);
    return same?.[0];
  }
}

function isSame(a: Tensor, b: Tensor): boolean {
  const { shape, strides, offset } = a.layout;
  return (
    sameShape(shape, b.layout.shape) && sameShape(strides, b.layout.strides) && offset === b.layout.offset
  );
}

/** Metadata with further names of tensors. */
export function withAliases(
  metadata: Readonly<Record<string, string>>,
  aliases: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.keys(aliases).length === 0 ? metadata : { ...metadata, [key]: JSON.stringify(aliases) };
}

/** The further names in the metadata of a file, and the tensors in it that they stand for. */
export function aliasesOf(
  metadata: Readonly<Record<string, string>>,
  tensors: Readonly<Record<string, unknown>>,
): [alias: string, name: string][] {
  const text = metadata[key];
  if (text === undefined) return [];
  let aliases: unknown;
  try {
    aliases = JSON.parse(text);
  } catch {
    return [];
  }
  if (!isRecord(aliases)) return [];
  return Object.entries(aliases).filter((entry): entry is [string, string] => {
    const [alias, name] = entry;
    return typeof name === "string" && Object.hasOwn(tensors, name) && !Object.hasOwn(tensors, alias);
  });
}
