import { afterEach, describe, expect, it, vi } from "vitest";
import { createRuntime } from "./create-runtime";
import { webAssembly } from "./platform";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function refuse(): never {
  throw new Error("refused by the Content-Security-Policy");
}

describe("createRuntime", () => {
  it("shares memory in Node and in isolated pages, not in others", () => {
    expect(createRuntime()!.memory.shared).toBe(true);
    vi.stubGlobal("crossOriginIsolated", true);
    expect(createRuntime()!.memory.shared).toBe(true);
    vi.stubGlobal("crossOriginIsolated", false);
    const { memory, threads } = createRuntime()!;
    expect(memory.shared).toBe(false);
    threads.count = 4;
    expect(threads.count).toBe(1);
  });

  it("is null where the engine may not compile", () => {
    vi.spyOn(webAssembly!, "Module").mockImplementation(refuse);
    expect(createRuntime()).toBe(null);
  });
});
