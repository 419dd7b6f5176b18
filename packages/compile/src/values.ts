import { Tensor, ThalwegError } from "@thalweg/tensor";
import { describe } from "@thalweg/tensor/internal";

/** What a compiled function takes and returns: tensors and plain values, alone or in arrays and plain objects. */
export type Value =
  | Tensor
  | number
  | string
  | boolean
  | null
  | undefined
  | void
  | readonly Value[]
  | { readonly [name: string]: Value };

/** The form of a value: where its tensors are, and everything else of it. */
export type Form =
  | { readonly kind: "tensor"; readonly index: number }
  | { readonly kind: "constant"; readonly value: unknown }
  | { readonly kind: "array"; readonly items: readonly Form[] }
  | { readonly kind: "object"; readonly keys: readonly string[]; readonly items: readonly Form[] };

/** A tensor of a value, with the path that leads to it. */
export interface Found {
  readonly tensor: Tensor;
  readonly path: string;
}

/** Takes a value apart; its tensors are added to `found`. Throws for what is neither plain nor a tensor. */
export function formOf(op: string, value: unknown, path: string, found: Found[]): Form {
  if (value instanceof Tensor) return { kind: "tensor", index: found.push({ tensor: value, path }) - 1 };
  if (typeof value === "function" || typeof value === "symbol") throw unfit(op, value, path);
  if (typeof value !== "object" || value === null) return { kind: "constant", value };
  if (Array.isArray(value)) {
    return { kind: "array", items: value.map((item, i) => formOf(op, item, `${path}[${i}]`, found)) };
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw unfit(op, value, path);
  const keys = Object.keys(value);
  const items = keys.map((key) =>
    formOf(op, (value as Record<string, unknown>)[key], `${path}.${key}`, found),
  );
  return { kind: "object", keys, items };
}

function unfit(op: string, value: unknown, path: string): ThalwegError {
  if (typeof (value as { then?: unknown }).then === "function") {
    return new ThalwegError(
      op,
      `${path} is a promise, and a program cannot wait`,
      "compile the synchronous part, and await outside of it",
    );
  }
  return new ThalwegError(
    op,
    `${path} is ${describe(value)}`,
    "use tensors, numbers, texts, booleans, and arrays and plain objects of them",
  );
}

/** Whether a value has a form; its tensors are written to `tensors`, in order. */
export function matches(form: Form, value: unknown, tensors: Tensor[]): boolean {
  switch (form.kind) {
    case "tensor":
      if (!(value instanceof Tensor)) return false;
      tensors[form.index] = value;
      return true;
    case "constant":
      return Object.is(value, form.value);
    case "array":
      if (!Array.isArray(value) || value.length !== form.items.length) return false;
      for (let i = 0; i < form.items.length; i++) {
        if (!matches(form.items[i]!, value[i], tensors)) return false;
      }
      return true;
    case "object": {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
      const keys = Object.keys(value);
      if (keys.length !== form.keys.length) return false;
      for (let i = 0; i < keys.length; i++) {
        if (keys[i] !== form.keys[i]) return false;
        if (!matches(form.items[i]!, (value as Record<string, unknown>)[keys[i]!], tensors)) return false;
      }
      return true;
    }
  }
}

/** The path of what differs first between a value and a form. */
export function differenceOf(form: Form, value: unknown, path: string): string {
  if (form.kind !== "array" && form.kind !== "object") return path;
  if (typeof value !== "object" || value === null || Array.isArray(value) !== (form.kind === "array"))
    return path;
  const keys = Object.keys(value);
  const names = form.kind === "object" ? form.keys : Object.keys(form.items);
  if (keys.length !== names.length || keys.some((key, i) => key !== names[i])) return path;
  for (const [i, key] of keys.entries()) {
    const item = (value as Record<string, unknown>)[key];
    const at = form.kind === "array" ? `${path}[${key}]` : `${path}.${key}`;
    if (!matches(form.items[i]!, item, [])) return differenceOf(form.items[i]!, item, at);
  }
  return path;
}

/** A value of a form, with these tensors. */
export function valueOf(form: Form, tensors: readonly Tensor[]): unknown {
  switch (form.kind) {
    case "tensor":
      return tensors[form.index];
    case "constant":
      return form.value;
    case "array":
      return form.items.map((item) => valueOf(item, tensors));
    case "object":
      return Object.fromEntries(form.keys.map((key, i) => [key, valueOf(form.items[i]!, tensors)]));
  }
}
