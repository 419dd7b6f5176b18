import { Tensor } from "@thalweg/tensor";
import { checkCopy, describe } from "@thalweg/tensor/internal";
import { CheckpointError } from "../errors";
import { longestHeader } from "../safetensors/header";
import { Names } from "../safetensors/shared";

/** The replacement of a tensor, or of a number that JSON cannot hold. */
type Mark = { readonly $tensor: string } | { readonly $number: string };

/** The numbers that JSON cannot hold, by their text. */
const numbers = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);

/** Limit of the nesting of objects and arrays, since functions that walk them are recursive. */
export const deepest = 1000;

/** Whether a value is a plain object, of any realm: Jest, for one, has several. */
const isPlain = (value: object) => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

/** A copy of an array or a plain object whose members are replaced by `descend`. */
function walk(value: object, descend: (child: unknown, key: string) => unknown): object {
  if (Array.isArray(value)) return Array.from(value, (child, i) => descend(child, `${i}`));
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  return Object.fromEntries(entries.map(([key, child]) => [key, descend(child, key)]));
}

/** The same structure with copies of its tensors. */
export function copyTree(value: unknown, depth = 0): unknown {
  if (value instanceof Tensor) return value.detach().clone();
  if (typeof value !== "object" || value === null) return value;
  if (depth > deepest) throw new CheckpointError("loadCheckpoint", `a state is ${deepest} levels deep`);
  return walk(value, (child) => copyTree(child, depth + 1));
}

function refuse(problem: string, remedy: string): never {
  throw new CheckpointError("saveCheckpoint", problem, remedy);
}

/** Converts trees to JSON, one after the other, and lists their tensors. */
export class Encoder {
  readonly tensors: [name: string, tensor: Tensor][] = [];
  /** The first of these cannot be the name of a tensor in a file. */
  private readonly names = new Set(["__metadata__"]);
  private readonly known = new Names();
  private readonly above = new Set<unknown>();
  private length = 0;

  /** Counts a lower bound of the size, so that no more is written than can be read again. */
  private count(length: number): void {
    this.length += length;
    if (this.length <= longestHeader) return;
    refuse(
      `the states without their tensors take more than ${longestHeader} bytes`,
      "make tensors of long lists of numbers",
    );
  }

  /**
   * Plain objects, arrays, texts, numbers and tensors as JSON; each tensor is replaced by its name, which is its path;
   * one that occurs again, by the name that it has already.
   * Members that are undefined are left out.
   *
   * @throws CheckpointError for anything else, with its path.
   */
  encode(item: unknown, at = ""): unknown {
    if (item instanceof Tensor) return { $tensor: this.keep(at, item) } satisfies Mark;
    this.count(typeof item === "string" ? item.length + 2 : 1);
    if (typeof item === "number") {
      const isJson = Number.isFinite(item) && !Object.is(item, -0);
      return isJson ? item : ({ $number: Object.is(item, -0) ? "-0" : `${item}` } satisfies Mark);
    }
    if (typeof item === "string" || typeof item === "boolean" || item === null) return item;
    if (typeof item !== "object" || !(Array.isArray(item) || isPlain(item))) {
      checkCopy("saveCheckpoint", at, item);
      return refuse(
        `cannot save the value at ${at}, of type ${typeof item === "object" ? nameOf(item) : typeof item}`,
        "use tensors, numbers, texts, and plain objects or arrays of them, or an object with stateDict()",
      );
    }
    if (this.above.has(item))
      refuse(`cannot save the value at ${at}, which contains itself`, "take it apart");
    if (this.above.size > deepest) {
      refuse(`cannot save the value at ${at}, more than ${deepest} levels deep`, "use flat lists");
    }
    this.above.add(item);
    const encoded = walk(item, (child, key) => {
      this.count(key.length + 1);
      return this.encode(child, at === "" ? key : `${at}.${key}`);
    });
    this.above.delete(item);
    if (Array.isArray(encoded)) return encoded;
    // Keys that look like a mark get another dollar.
    return Object.fromEntries(
      Object.entries(encoded).map(([key, child]) => [key.startsWith("$") ? `$${key}` : key, child]),
    );
  }

  private keep(at: string, tensor: Tensor): string {
    let name = at;
    while (this.names.has(name)) name += "'";
    const earlier = this.known.earlier(name, tensor);
    if (earlier !== undefined) return earlier;
    this.names.add(name);
    this.tensors.push([name, tensor]);
    return name;
  }
}

/** The class name of a value. */
function nameOf(value: object): string {
  const { name } = Object(value.constructor) as { readonly name?: unknown };
  return typeof name === "string" ? name : "object";
}

/**
 * The inverse of {@link Encoder.encode}; each tensor is requested once, and is the same in all of its places.
 *
 * @param refuse throws an error with the given problem
 */
export function fromJson(
  json: unknown,
  tensorOf: (name: string) => Tensor,
  refuse: (problem: string) => never,
): unknown {
  const taken = new Map<string, Tensor>();
  const decode = (item: unknown): unknown => {
    if (typeof item !== "object" || item === null) return item;
    const { $tensor: name, $number: number } = item as Readonly<Record<string, unknown>>;
    if (name !== undefined) {
      if (typeof name !== "string") return refuse(`the name of a tensor is ${describe(name)}`);
      const tensor = taken.get(name) ?? tensorOf(name);
      taken.set(name, tensor);
      return tensor;
    }
    if (number !== undefined)
      return numbers.get(number as string) ?? refuse(`a number is ${describe(number)}`);
    const decoded = walk(item, decode);
    if (Array.isArray(decoded)) return decoded;
    return Object.fromEntries(
      Object.entries(decoded).map(([key, child]) => [key.startsWith("$$") ? key.slice(1) : key, child]),
    );
  };
  return decode(json);
}
