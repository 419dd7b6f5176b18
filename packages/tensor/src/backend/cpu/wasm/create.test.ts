import { afterEach, describe, expect, it, vi } from "vitest";
import { createRuntime } from "./create";
import { webAssembly } from "./platform";

afterEach(() => {
  vi.restoreAllMocks();
});

function refuse(): never {
  throw new Error("refused by the Content-Security-Policy");
}

describe("createRuntime", () => {
  it("is null where the engine may not compile", () => {
    vi.spyOn(webAssembly!, "Module").mockImplementation(refuse);
    expect(createRuntime()).toBe(null);
  });
});
