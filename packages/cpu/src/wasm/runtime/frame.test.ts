import { describe, expect, it } from "vitest";
import { Assembler, type Local } from "../assembler/assembler";
import { type } from "../assembler/instructions";
import { argumentsAddress, argumentWords, stageEnd } from "./addresses";
import { Frame } from "./frame";
import { Runtime } from "./runtime";

const frame = new Frame({
  scale: "integer",
  numbers: "floats",
  offsets: "integers",
  items: { target: "integer", terms: "integers" },
  within: { terms: "integers" },
});

const runtime = new Runtime({ shared: false, maximum: 2 ** 22, budget: 2 ** 21 });
const counts = { numbers: 2, offsets: 3, terms: 2 };

/** Writes scale · Σ terms + Σ offsets + Σ numbers for each iteration, in the order of the iterations. */
function sums(): Assembler {
  const assembler = new Assembler();
  assembler.function("run", [type.i32, type.i32, type.i32], [], (code, args, from, to) => {
    const { scale, numbers, offsets, items, within } = frame.read(code, args, counts);
    const again = frame.load(code, args, "offsets", counts, 2);
    const local = () => code.local(type.i32);
    const [at, first, end] = [local(), local(), local()];
    items.walk(from, to, ({ target, terms }) => {
      code.get(target).set(at);
      code.i32(0).set(first);
      code.i32(2).set(end);
      const body = ({ terms: moved }: { readonly terms: readonly Local[] }) => {
        code.get(at).i32(0);
        for (const term of moved) code.get(term).op("i32Add");
        code.get(scale).op("i32Mul");
        for (const offset of [offsets[0]!, offsets[1]!, again]) code.get(offset).op("i32Add");
        code.op("f32ConvertI32S");
        for (const number of numbers) code.get(number).lane("f32x4ExtractLane", 3).op("f32Add");
        code.at("f32Store");
        code.get(at).i32(4).op("i32Add").set(at);
      };
      within.walk(first, end, body, { terms });
    });
  });
  return assembler;
}

describe("a frame", () => {
  it("is read as it was written", () => {
    const items = frame.write(runtime, {
      scale: 10,
      numbers: [0.5, 0.25],
      offsets: [1000, 2000, 3000],
      items: {
        bases: { target: stageEnd, terms: [1, 2] },
        extents: [2, 3],
        steps: [
          { target: 24, terms: [10, 0] },
          { target: 8, terms: [0, 1] },
        ],
      },
      within: { bases: { terms: [0, 0] }, extents: [2], steps: [{ terms: [100, 0] }] },
    });
    expect(items).toBe(6);
    runtime.compile(sums()).run(argumentsAddress, 0, items);
    const expected = [0, 1].flatMap((i) =>
      [0, 1, 2].flatMap((j) => [0, 1].map((k) => 10 * (3 + 10 * i + j + 100 * k) + 6000.75)),
    );
    expect([...runtime.floats.subarray(stageEnd / 4, stageEnd / 4 + 12)]).toEqual(expected);
  });

  it("has one item where there are no loops", () => {
    const none = { extents: [], steps: [] };
    const items = frame.write(runtime, {
      scale: 1,
      numbers: [0, 0],
      offsets: [0, 0, 0],
      items: { bases: { target: stageEnd, terms: [4, 5] }, ...none },
      within: { bases: { terms: [0, 0] }, ...none },
    });
    expect(items).toBe(1);
    runtime.compile(sums()).run(argumentsAddress, 0, 1);
    expect(runtime.floats[stageEnd / 4]).toBe(9);
  });

  it.each([700, 760, 767, 768, 5000])("refuses lists of %d words, for which there is no room", (count) => {
    const behind = argumentsAddress / 4 + argumentWords;
    runtime.words.fill(-1, behind, behind + 8192);
    const list = Array.from({ length: count }, () => 7);
    const terms = { extents: [9], bases: { terms: list }, steps: [{ terms: list }] };
    const short = { extents: [9], bases: { target: 7, terms: [7] }, steps: [{ target: 7, terms: [7] }] };
    const given = { scale: 7, numbers: [], offsets: [] };
    for (const values of [
      { ...given, items: short, within: terms },
      { ...given, items: { ...terms, bases: { target: 7, terms: list }, steps: [] }, within: short },
      { ...given, offsets: [...list, ...list], items: short, within: short },
      { ...given, numbers: [...list, ...list], items: short, within: short },
    ]) {
      expect(frame.write(runtime, values)).toBe(-1);
    }
    const stage = runtime.words.subarray(behind, behind + 8192);
    expect(stage.every((word) => word === -1)).toBe(true);
  });

  it("takes what was declared, and nothing else", () => {
    const copy = new Frame({ row: "integer", items: { source: "integer" } });
    const items = { bases: { source: 0 }, extents: [], steps: [] };
    const assembler = new Assembler();
    assembler.function(null, [type.i32], [], (code, args) => {
      copy.write(runtime, { row: 4, items });
      // @ts-expect-error an argument is missing
      expect(() => copy.write(runtime, { row: 4 })).toThrow();
      // @ts-expect-error an argument is misspelt
      copy.write(runtime, { rows: 4, items });
      // @ts-expect-error a position is misspelt
      copy.write(runtime, { row: 4, items: { ...items, bases: { sources: 0 } } });
      // @ts-expect-error the length of a list is missing
      frame.read(code, args, { numbers: 2, offsets: 3 });
      // @ts-expect-error an argument is read that was not declared
      expect(copy.read(code, args, {}).step).toBeUndefined();
      // @ts-expect-error a position is read that was not declared
      copy.read(code, args, {}).items.walk(args, args, ({ target }) => expect(target).toBeUndefined());
    });
  });
});
