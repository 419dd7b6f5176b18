import { expect, it } from "vitest";
import { findCollector } from "./collector";

it("tells in the middle of a job what is dead", () => {
  const collector = findCollector()!;
  const held = {};
  const references = [new WeakRef(held), ...Array.from({ length: 10 }, () => new WeakRef({}))];
  collector.collect();
  expect(references.map((reference) => reference.deref() !== undefined)).toEqual([
    true,
    ...Array(10).fill(false),
  ]);
  expect(held).toBeDefined();
  expect("gc" in globalThis).toBe(false);
});

it("is missing where a program may not have it", () => {
  const { getBuiltinModule } = process;
  process.getBuiltinModule = (() => undefined) as typeof getBuiltinModule;
  try {
    expect(findCollector()).toBeNull();
  } finally {
    process.getBuiltinModule = getBuiltinModule;
  }
});
