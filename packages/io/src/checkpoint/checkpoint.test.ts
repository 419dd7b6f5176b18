import { join } from "node:path";
import { fc, test } from "@fast-check/vitest";
import { Generator, rand, Tensor, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, expectTypeOf, it } from "vitest";
import { temporaryFolder } from "../../test/temporary-folder";
import { CheckpointError, SafetensorsError } from "../errors";
import { readSafetensorsHeader } from "../safetensors/load-safetensors";
import { saveSafetensors } from "../safetensors/save-safetensors";
import { loadCheckpoint } from "./load-checkpoint";
import { saveCheckpoint } from "./save-checkpoint";

const folder = temporaryFolder();

/** Holds one value, and loads only values of its type. */
class Box {
  value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
  stateDict() {
    return { value: this.value };
  }
  loadStateDict(state: { readonly value: unknown }) {
    if (typeof state.value !== typeof this.value) throw new Error(`${typeof state.value} does not fit`);
    this.value = state.value;
  }
}

/** Tensors, as something that can be compared. */
const plain = (value: unknown): unknown => {
  if (value instanceof Tensor) return { tensor: value.dtype, shape: value.shape, data: value.dataSync() };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, plain(child)]));
};

const key = fc.oneof(fc.string(), fc.constantFrom("$tensor", "$number", "$$", "a.b", "a"));

const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(fc.double(), fc.string(), fc.boolean(), fc.constant(null)),
    fc.array(fc.float({ noNaN: true })).map((data) => tensor(data)),
    fc.array(fc.double()).map((data) => tensor(data, { dtype: "float64" })),
    fc.array(tie("tree")),
    fc.dictionary(key, tie("tree"), { noNullPrototype: true }),
  ),
}));

describe("a checkpoint", () => {
  test.prop([fc.dictionary(key, tree, { noNullPrototype: true })])(
    "returns what was saved",
    async (parts) => {
      expect(plain(await loadCheckpoint(await saveCheckpoint(parts)))).toEqual(plain(parts));
    },
  );

  it("is a file, or bytes", async () => {
    const path = join(folder, "both.safetensors");
    const parts = { x: tensor([1, 2]), epoch: 3, left: undefined };
    await saveCheckpoint(path, parts);
    const [fromFile, fromBytes] = [
      await loadCheckpoint(path),
      await loadCheckpoint(await saveCheckpoint(parts)),
    ];
    expect(plain(fromFile)).toEqual(plain(fromBytes));
    expect(plain(fromFile)).toEqual({ x: plain(tensor([1, 2])), epoch: 3 });
    expect(Object.keys(readSafetensorsHeader(path).tensors)).toEqual(["x"]);
    expectTypeOf(saveCheckpoint(path, parts)).toEqualTypeOf<Promise<void>>();
  });

  it("restores parts and generators, and returns the rest", async () => {
    const generator = new Generator(5);
    rand([3], { generator });
    const bytes = await saveCheckpoint({ box: new Box("a"), other: new Box(1), generator, note: "n" });
    const expected = rand([3], { generator }).toArray();
    const [box, resumed] = [new Box("b"), new Generator(0)];
    const rest = await loadCheckpoint(bytes, { box, generator: resumed });
    expect([box.value, rest]).toEqual(["a", { other: { value: 1 }, note: "n" }]);
    expect(rand([3], { generator: resumed }).toArray()).toEqual(expected);
  });

  it("holds the state at the moment of the call", async () => {
    const x = tensor([1]);
    const saving = saveCheckpoint({ x });
    x.fill_(2);
    expect(((await loadCheckpoint(await saving)).x as Tensor).item()).toBe(1);
  });

  it("gives each tensor a distinct name, from its path", async () => {
    const bytes = await saveCheckpoint({
      m: { "a.b": zeros([1]), a: { b: zeros([2]) } },
      "m.a": { b: zeros([3]) },
    });
    expect(Object.keys(readSafetensorsHeader(bytes).tensors)).toEqual(["m.a.b", "m.a.b'", "m.a.b''"]);
  });
});

describe("loadCheckpoint", () => {
  it("reports everything that does not fit, and changes nothing", async () => {
    const bytes = await saveCheckpoint({
      a: new Box(1),
      b: new Box("b"),
      c: new Box("c"),
      generator: new Generator(1),
    });
    const [a, b, c] = [new Box(10), new Box(20), new Box(30)];
    const generator = new Generator(9);
    const load = loadCheckpoint(bytes, { a, generator, b, c, d: new Box(0) });
    await expect(load).rejects.toThrow(CheckpointError);
    await expect(load).rejects.toThrow(
      "loadCheckpoint: the checkpoint does not fit, b: string does not fit, and c: string does not fit, and " +
        'there is no "d", only a, b, c, generator; build everything as it was when it was saved',
    );
    expect([a.value, b.value, c.value, generator.getState()]).toEqual([
      10,
      20,
      30,
      new Generator(9).getState(),
    ]);
  });

  it("refuses an invalid state of a generator", async () => {
    const bytes = await saveCheckpoint({ a: { seed: 1, position: -1 }, b: { seed: 0.5, position: 0 }, c: 7 });
    const [a, b, c] = [new Generator(3), new Generator(4), new Generator(5)];
    await expect(loadCheckpoint(bytes, { a, b, c })).rejects.toThrow(/a: setState: .*, and b: .*, and c: /);
    expect([a, b, c].map((generator) => generator.getState().seed)).toEqual([3, 4, 5]);
  });

  const state = (json: unknown) =>
    saveSafetensors(
      { x: tensor(1) },
      { metadata: { checkpoint: typeof json === "string" ? json : JSON.stringify(json) } },
    );

  it.each<[string, Uint8Array, string]>([
    [
      "other files",
      saveSafetensors({}),
      "this is a safetensors file, but not a checkpoint; pass what saveCheckpoint",
    ],
    ["later versions", state({ version: 2 }), "the version of the checkpoint is 2, not 1"],
    ["invalid JSON", state("{"), "the states are not JSON, "],
    ["null", state(null), "the version of the checkpoint is undefined, not 1"],
    ["nothing", state({ version: 1 }), "it has no parts"],
    [
      "missing tensors",
      state({ version: 1, parts: { y: { $tensor: "y" } } }),
      'the tensor "y" of the checkpoint is missing',
    ],
  ])("refuses %s", async (_, bytes, message) => {
    await expect(loadCheckpoint(bytes)).rejects.toThrow(CheckpointError);
    await expect(loadCheckpoint(bytes)).rejects.toThrow(`loadCheckpoint: ${message}`);
  });

  it("loads a program's own part all or nothing, too", async () => {
    const bytes = await saveCheckpoint({ a: new Box("a"), b: new Box("b"), c: new Box("c") });
    const own = { a: new Box("x"), b: new Box("y"), c: new Box(1) };
    await expect(loadCheckpoint(bytes, own)).rejects.toThrow("c: string does not fit");
    expect([own.a.value, own.b.value, own.c.value]).toEqual(["x", "y", 1]);
  });

  it("reports a part whose old state cannot be restored", async () => {
    class Once extends Box {
      private loads = 0;
      override loadStateDict(state: { readonly value: unknown }) {
        if (this.loads++ > 0) throw new Error("once is enough");
        super.loadStateDict(state);
      }
    }
    const bytes = await saveCheckpoint({ a: new Box("a"), b: new Box("b") });
    await expect(loadCheckpoint(bytes, { a: new Once("x"), b: new Box(1) })).rejects.toThrow(
      "the checkpoint does not fit, b: string does not fit, and a lost its state: once is enough;",
    );
  });

  it("checks by prepareLoad, unless a class overrides its loading", async () => {
    const calls: string[] = [];
    class Checked extends Box {
      prepareLoad(state: { readonly value: unknown }) {
        calls.push("prepare");
        return () => super.loadStateDict(state);
      }
      override loadStateDict(state: { readonly value: unknown }) {
        this.prepareLoad(state)();
      }
    }
    class Deeper extends Checked {
      override loadStateDict(state: { readonly value: unknown }) {
        calls.push("load");
        super.loadStateDict(state);
      }
    }
    const bytes = await saveCheckpoint({ a: new Box("a") });
    const [a, b] = [new Checked("x"), new Deeper("y")];
    await loadCheckpoint(bytes, { a });
    await loadCheckpoint(bytes, { a: b });
    expect([a.value, b.value, ...calls]).toEqual(["a", "a", "prepare", "load", "prepare"]);
  });

  it("refuses to load into a value without state", async () => {
    const bytes = await saveCheckpoint({ epoch: 3 });
    await expect(loadCheckpoint(bytes, { epoch: 3 as never })).rejects.toThrow(
      "epoch: 3 cannot be loaded into",
    );
    await expect(loadCheckpoint(bytes, { epoch: {} as never })).rejects.toThrow("epoch: an object cannot be");
  });

  it("refuses a damaged file", async () => {
    const bytes = await saveCheckpoint({ x: tensor([1, 2]) });
    await expect(loadCheckpoint(bytes.slice(0, -1))).rejects.toThrow(SafetensorsError);
  });
});

describe("saveCheckpoint", () => {
  it("writes a file only for clear arguments", async () => {
    const save = saveCheckpoint as (...args: unknown[]) => Promise<void>;
    for (const args of [["x"], [{ epoch: 1 }, "x"], []]) {
      await expect(save(...args)).rejects.toThrow(
        "saveCheckpoint: expects a path and parts, or parts alone; the path comes first",
      );
    }
  });

  it.each<[string, unknown, string]>([
    ["a function", () => 1, "a.b.0, of type function"],
    ["a date", new Date(0), "a.b.0, of type Date"],
    ["a bigint", 1n, "a.b.0, of type bigint"],
    ["a typed array", new Float32Array(1), "a.b.0, of type Float32Array"],
    ["a hole", undefined, "a.b.0, of type undefined"],
  ])("refuses %s, and says where it is", async (_, value, where) => {
    await expect(saveCheckpoint({ a: { b: [value] } })).rejects.toThrow(
      `saveCheckpoint: cannot save the value at ${where}; use tensors, numbers, texts, and plain objects`,
    );
  });
});
