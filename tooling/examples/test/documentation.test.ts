import { describe, expect, it } from "vitest";
import { checkProgram } from "../src/check-program";
import { findExamples } from "../src/find-examples";
import { optionsWithoutDefault } from "../src/options-without-default";

const examples = findExamples();
const { errors, undocumented } = checkProgram(examples);

describe("the documentation", () => {
  it("has examples that compile under strict settings", () => {
    const found = [...errors].map(([i, messages]) => {
      const { file, symbol } = examples[i]!;
      return `${file}: ${symbol}: ${messages.join("; ")}`;
    });
    expect(found).toEqual([]);
  });

  it("says something about everything that a package exports", () => {
    expect(undocumented).toEqual([]);
  });

  it("says of every option what holds without it", () => {
    expect(optionsWithoutDefault(["data", "io", "testing"])).toEqual([]);
  });

  it("is checked by a compiler that notices mistakes", () => {
    const wrong = [
      { file: "none.ts", symbol: "none", code: 'tensor("abc").shape; // → [3]' },
      { file: "none.ts", symbol: "none", code: "const x: Tensor = tensor([1]);\nx.noSuchMethod();" },
    ];
    expect([...checkProgram(wrong).errors.keys()]).toEqual([0, 1]);
  });
});
