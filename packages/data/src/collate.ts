import { stack, Tensor, tensor } from "@thalweg/tensor";
import { brandOf, checkArguments, checkCopy, kind, named } from "@thalweg/tensor/internal";
import { DataError } from "./data-error";

/** A typed array: a vector of numbers. */
export type NumericArray = ArrayBufferView & ArrayLike<number>;

/** The batch of examples of type `T`: the same structure, with tensors for leaves. */
export type Collated<T> =
  T extends PromiseLike<infer Value>
    ? Collated<Value>
    : T extends Tensor | number | boolean | NumericArray
      ? Tensor
      : T extends string
        ? string[]
        : T extends readonly unknown[] | object
          ? { -readonly [Key in keyof T]: Collated<T[Key]> }
          : never;

/** Limit of the nesting of arrays and objects in an example. */
const deepest = 100;

/**
 * Joins examples of one structure into a batch: tensors are stacked along a new first dimension, typed
 * arrays of numbers too, single numbers and booleans become a vector, texts an array of texts, arrays and plain objects
 * are joined member by member.
 *
 * @throws DataError when the examples differ in structure or hold something else.
 * @throws ShapeError when their tensors differ in shape.
 * @example
 * const [x, y] = collate([[tensor([1, 2]), 0], [tensor([3, 4]), 1]]);
 * x.toArray(); // → [[1,2],[3,4]]
 * y.toArray(); // → [0,1]
 */
export function collate<const T>(examples: readonly T[]): Collated<T> {
  checkArguments("collate", { examples: kind("an array of examples", Array.isArray) }, [examples]);
  if (examples.length === 0) {
    throw new DataError("collate", "there are no examples", "pass at least one");
  }
  return named("collate", () => join(examples, "", 0)) as Collated<T>;
}

function join(parts: readonly unknown[], path: string, depth: number): unknown {
  if (depth > deepest) {
    throw new DataError("collate", `examples are more than ${deepest} levels deep`, "make them flat");
  }
  const first = parts[0];
  const kind = kindOf(first);
  const other = parts.findIndex((part) => kindOf(part) !== kind);
  if (other !== -1) throw differ(path, kind, other, kindOf(parts[other]));
  if (first instanceof Tensor) return stack(parts as Tensor[], 0);
  if (typeof first === "number" || typeof first === "boolean") return tensor(parts.map(Number));
  if (typeof first === "string") return [...parts];
  if (isNumbers(first)) return stack((parts as NumericArray[]).map((row) => tensor(row)));
  if (Array.isArray(first)) {
    const rows = parts as unknown[][];
    const longer = rows.findIndex((row) => row.length !== first.length);
    if (longer !== -1) throw differ(path, members(first), longer, members(rows[longer]!));
    return first.map((_, k) => joinMember(rows, k, `${path}[${k}]`, depth));
  }
  if (kind === "an object") return joinObjects(parts as Record<string, unknown>[], path, depth);
  checkCopy("collate", "an example", first);
  throw new DataError(
    "collate",
    `cannot make a batch of ${kind}${at(path)}`,
    "return tensors, numbers, texts, or arrays or objects of them, or pass a collate function of your own",
  );
}

function joinObjects(
  parts: readonly Record<string, unknown>[],
  path: string,
  depth: number,
): Record<string, unknown> {
  const keys = Object.keys(parts[0]!);
  const names = (part: object) => `the keys ${Object.keys(part).sort().join(", ")}`;
  const expected = names(parts[0]!);
  const other = parts.findIndex((part) => names(part) !== expected);
  if (other !== -1) throw differ(path, expected, other, names(parts[other]!));
  return Object.fromEntries(keys.map((key) => [key, joinMember(parts, key, `${path}.${key}`, depth)]));
}

function joinMember<Key extends PropertyKey>(
  parts: readonly { [K in Key]: unknown }[],
  key: Key,
  path: string,
  depth: number,
): unknown {
  return join(
    parts.map((part) => part[key]),
    path,
    depth + 1,
  );
}

function kindOf(part: unknown): string {
  if (part instanceof Tensor) return "a tensor";
  if (Array.isArray(part)) return "an array";
  if (part === null || part === undefined) return `${part}`;
  if (typeof part === "boolean") return "a number";
  if (typeof part !== "object") return `a ${typeof part}`;
  const prototype = Object.getPrototypeOf(part);
  // Plain objects may come from another realm.
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return "an object";
  return `a ${brandOf(part) === "Object" ? nameOf(part) : brandOf(part)}`;
}

/** The class name of an object. */
function nameOf({ constructor }: object): string {
  const { name } = Object(constructor) as { readonly name?: unknown };
  return typeof name === "string" ? name : "object";
}

const isNumbers = (part: unknown): part is NumericArray =>
  ArrayBuffer.isView(part) && !/^(DataView|Big)/.test(brandOf(part));

const members = (array: readonly unknown[]) => `${array.length} member${array.length === 1 ? "" : "s"}`;
const at = (path: string) => (path === "" ? "" : ` at ${path.replace(/^\./, "")}`);

function differ(path: string, first: string, index: number, other: string): DataError {
  return new DataError(
    "collate",
    `examples differ${at(path)}, ${first} in example 0 of the batch and ${other} in example ${index}`,
    "return the same structure for every index",
  );
}
