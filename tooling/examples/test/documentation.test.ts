import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkProgram, entries, programWith } from "../src/check-program";
import { findExamples, root } from "../src/find-examples";
import { silentDefaults } from "../src/options-without-default";

const examples = findExamples();
const { errors, undocumented } = checkProgram(examples);

const silent = `
  export interface Options {
    /** Needed. */
    size: number;
    /** 0.1 unless given. */
    told?: number;
    /** How fast it is. */
    rate?: number;
  }
  /** One. */
  export const options = (one: Options): Options => one;
  /** Over \`dim\`. \`keepDim\` keeps it. \`told\` is 1 unless given. */
  export function parameter(x: number, dim?: number, keepDim = false, told = 1): unknown {
    return [x, dim, keepDim, told];
  }
  /** \`told\` is 1 unless given. */
  export const inPlace = (x: number, { bias = 0, told = 1 }: { bias?: number; told?: number } = {}): number =>
    x + bias + told;
  /** A model. */
  export class Model {
    constructor(readonly width = 1) {}
    /** Trains it. */
    fit(epochs = 1): number {
      return epochs;
    }
    private hidden(x = 1): number {
      return x;
    }
  }
`;

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

  it("states the default of every option and parameter", () => {
    expect(silentDefaults(programWith(), entries)).toEqual([]);
  });

  it("is searched for all optional arguments", () => {
    const path = join(root, "packages/silent.ts");
    const program = programWith(new Map([[path, silent]]));
    expect(silentDefaults(program, [path])).toEqual([
      "packages/silent.ts: Model.fit: epochs",
      "packages/silent.ts: Model: width",
      "packages/silent.ts: Options: rate",
      "packages/silent.ts: inPlace: bias",
      "packages/silent.ts: parameter: dim",
      "packages/silent.ts: parameter: keepDim",
    ]);
  });

  it("is checked by a compiler that notices mistakes", () => {
    const wrong = [
      { file: "none.ts", symbol: "none", code: 'tensor("abc").shape; // → [3]' },
      { file: "none.ts", symbol: "none", code: "const x: Tensor = tensor([1]);\nx.noSuchMethod();" },
    ];
    expect([...checkProgram(wrong).errors.keys()]).toEqual([0, 1]);
  });
});
