import { Tensor } from "@thalweg/tensor";
import { CheckpointError } from "../errors";

/** What stands in place of a tensor, and of a number that JSON does not know. */
type Mark = { readonly $tensor: string } | { readonly $number: string };

const isPlain = (value: object) => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
};

/** An array or a plain object whose members were replaced by what `descend` makes of them. */
function walk(value: object, descend: (child: unknown, key: string) => unknown): object {
  if (Array.isArray(value)) return value.map((child, i) => descend(child, `${i}`));
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  return Object.fromEntries(entries.map(([key, child]) => [key, descend(child, key)]));
}

/** The same structure with copies of its tensors. */
export function copyTree(value: unknown): unknown {
  if (value instanceof Tensor) return value.detach().clone();
  if (typeof value !== "object" || value === null) return value;
  return walk(value, copyTree);
}

/**
 * Plain objects, arrays, texts, numbers and tensors, by name, as JSON; the tensors are handed to `keep` with a name,
 * their path, which stands in their place. Members that are undefined are left out.
 *
 * @throws CheckpointError at anything else; it says where.
 */
export function toJson(
  values: Readonly<Record<string, unknown>>,
  keep: (name: string, tensor: Tensor) => void,
): unknown {
  const names = new Set<string>();
  const encode = (item: unknown, at: string): unknown => {
    if (item instanceof Tensor) {
      let name = at;
      while (names.has(name)) name += "'";
      names.add(name);
      keep(name, item);
      return { $tensor: name } satisfies Mark;
    }
    if (typeof item === "number") {
      const isJson = Number.isFinite(item) && !Object.is(item, -0);
      return isJson ? item : ({ $number: Object.is(item, -0) ? "-0" : `${item}` } satisfies Mark);
    }
    if (typeof item === "string" || typeof item === "boolean" || item === null) return item;
    if (typeof item !== "object" || !(Array.isArray(item) || isPlain(item))) {
      const kind = typeof item === "object" ? item.constructor.name : typeof item;
      throw new CheckpointError(
        "saveCheckpoint",
        `cannot save what is at ${at}, of type ${kind}`,
        "use tensors, numbers, texts, and plain objects or arrays of them, or an object with stateDict()",
      );
    }
    const encoded = walk(item, (child, key) => encode(child, item === values ? key : `${at}.${key}`));
    if (Array.isArray(encoded)) return encoded;
    // Keys that could be taken for a mark get another dollar.
    return Object.fromEntries(
      Object.entries(encoded).map(([key, child]) => [key.startsWith("$") ? `$${key}` : key, child]),
    );
  };
  return encode(values, "");
}

/** The inverse of {@link toJson}. */
export function fromJson(json: unknown, tensorOf: (name: string) => Tensor): unknown {
  const decode = (item: unknown): unknown => {
    if (typeof item !== "object" || item === null) return item;
    if ("$tensor" in item) return tensorOf(`${item.$tensor}`);
    if ("$number" in item) return Number(item.$number);
    const decoded = walk(item, decode);
    if (Array.isArray(decoded)) return decoded;
    return Object.fromEntries(
      Object.entries(decoded).map(([key, child]) => [key.startsWith("$$") ? key.slice(1) : key, child]),
    );
  };
  return decode(json);
}
