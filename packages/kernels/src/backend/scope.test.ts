import { describe, expect, it } from "vitest";
import type { Backend } from "./backend";
import { closeScope, noteAllocation, openScope, scoped } from "./scope";
import { Storage } from "./storage";

class Counted extends Storage {
  released = 0;
  constructor() {
    super({} as Backend, "float32", 1);
    noteAllocation(this);
  }
  override free(): void {
    this.released++;
  }
}
const made = () => {
  const storage = new Counted();
  return { storage };
};

describe("a scope", () => {
  it("frees everything but the result", () => {
    let inside: Counted[] = [];
    const result = scoped(() => {
      inside = [new Counted(), new Counted()];
      return made();
    });
    expect(inside.map((storage) => storage.released)).toEqual([1, 1]);
    expect(result.storage.released).toBe(0);
  });

  it("does not free a storage that existed before, even if it is the result", () => {
    const before = made();
    expect(scoped(() => before)).toBe(before);
    before.storage.retain();
    before.storage.release();
    expect(before.storage.released).toBe(0);
  });

  it("frees a retained storage at its last release, once", () => {
    let held = new Counted();
    scoped(() => {
      held = new Counted();
      held.retain();
      held.retain();
      return made();
    });
    held.release();
    expect(held.released).toBe(0);
    held.release();
    expect(held.released).toBe(1);
  });

  it("does not free a storage that is exposed later", () => {
    const mark = openScope();
    const kept = new Counted();
    kept.retain();
    closeScope(mark);
    kept.expose();
    kept.release();
    expect(kept.released).toBe(0);
  });

  it("treats the results of inner scopes as its own temporaries", () => {
    let inner = made();
    const outer = scoped(() => {
      inner = scoped(made);
      expect(inner.storage.released).toBe(0);
      return made();
    });
    expect(inner.storage.released).toBe(1);
    expect(outer.storage.released).toBe(0);
  });

  it("closes when the body throws", () => {
    let inside = new Counted();
    expect(() =>
      scoped((): { storage: Storage } => {
        inside = new Counted();
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(inside.released).toBe(1);
    expect(new Counted().released).toBe(0);
  });
});
