import { expect, it } from "vitest";
import { findCollector } from "./collector";

it("finds dead objects in the middle of a job", () => {
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

it("is null where the process does not provide its modules", () => {
  const { getBuiltinModule } = process;
  process.getBuiltinModule = (() => undefined) as typeof getBuiltinModule;
  try {
    expect(findCollector()).toBeNull();
  } finally {
    process.getBuiltinModule = getBuiltinModule;
  }
});
