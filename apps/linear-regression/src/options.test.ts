import { UsageError } from "@thalweg/terminal";
import { optimizerNames } from "thalweg";
import { describe, expect, it } from "vitest";
import { parseOptions } from "./options";

const parse = (line: string) => parseOptions(line.split(" ").filter(Boolean), () => {});

describe("options", () => {
  it("default to those of the demo", () => {
    expect(parse("")).toEqual({
      model: "raw",
      optimizer: "sgd",
      lr: 0.01,
      epochs: 20,
      batchSize: undefined,
      seed: 0,
      csv: undefined,
      compile: false,
      quiet: false,
      json: false,
      plot: false,
    });
  });

  it("differ for tables, so that these converge", () => {
    expect(parse("--csv a.csv --x b,c --y d")).toMatchObject({
      csv: { path: "a.csv", x: ["b", "c"], y: "d" },
      model: "module",
      lr: 0.1,
      epochs: 100,
    });
  });

  it("accept numbers, and a leading --", () => {
    const given = "--lr 1e-3 --epochs 5 --batch-size 2 --seed 7 --compile --quiet --json";
    const expected = { lr: 1e-3, epochs: 5, batchSize: 2, seed: 7, compile: true, quiet: true, json: true };
    expect(parse(given)).toMatchObject(expected);
    expect(parse(`-- ${given}`)).toMatchObject(expected);
  });

  it("choose modules where an optimizer is named", () => {
    expect(parse("--optimizer adam")).toMatchObject({ model: "module", optimizer: "adam" });
  });

  it("show help, with the optimizers that exist", () => {
    let help = "";
    expect(parseOptions(["--help"], (text) => (help += text))).toBeNull();
    expect(help).toContain("Usage: demo [options]");
    expect(help.replace(/\s+/g, " ")).toContain(optimizerNames().join(", "));
  });

  it.each([
    ["--foo", "unknown option '--foo'"],
    ["--epoch 3", "unknown option '--epoch' (Did you mean --epochs?)"],
    ["file.csv", "too many arguments. Expected 0 arguments but got 1."],
    ["--lr", "option '--lr <rate>' argument missing"],
    ["--lr NaN", "option '--lr <rate>' argument 'NaN' is invalid. It must be a number above 0."],
    ["--lr 0", "option '--lr <rate>' argument '0' is invalid. It must be a number above 0."],
    ["--lr Infinity", "option '--lr <rate>' argument 'Infinity' is invalid. It must be a number above 0."],
    [
      "--epochs -1",
      "option '--epochs <count>' argument '-1' is invalid. It must be a whole number from 1 on.",
    ],
    [
      "--epochs 2.5",
      "option '--epochs <count>' argument '2.5' is invalid. It must be a whole number from 1 on.",
    ],
    [
      "--batch-size 0",
      "option '--batch-size <rows>' argument '0' is invalid. It must be a whole number from 1 on.",
    ],
    ["--seed -4", "option '--seed <number>' argument '-4' is invalid. It must be a whole number from 0 on."],
    ["--model big", "option '--model <kind>' argument 'big' is invalid. Allowed choices are raw, module."],
    ["--csv --x a --y b", "option '--csv <file>' argument '--x' is invalid. Name a file."],
    [
      "--csv a --x b, --y c",
      "option '--x <columns>' argument 'b,' is invalid. Name columns, separated by commas.",
    ],
    ["--csv a --x b", "--csv needs to know the columns: add --x COLUMN[,COLUMN...] and --y COLUMN"],
    ["--x b", "--x and --y name columns of a table: add --csv FILE"],
    [
      "--model raw --optimizer sgd",
      "--model raw updates by hand, without an optimizer: leave out one of --model and --optimizer",
    ],
    ["--json --plot", "--json prints nothing but JSON: leave out --plot"],
  ])("refuse %s", (line, message) => {
    expect(() => parse(line)).toThrow(new UsageError(message));
  });
});
