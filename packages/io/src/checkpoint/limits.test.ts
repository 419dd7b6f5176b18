import { tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { fileOf } from "../../test/bytes";
import { CheckpointError, SafetensorsError } from "../errors";
import { loadSafetensors } from "../safetensors/load-safetensors";
import { saveSafetensors } from "../safetensors/save-safetensors";
import { loadCheckpoint } from "./load-checkpoint";
import { saveCheckpoint } from "./save-checkpoint";

const checkpoint = (json: string) => saveSafetensors({ x: tensor(1) }, { metadata: { checkpoint: json } });

/** A value in so many nested arrays or objects. */
const nested = (levels: number, inside: unknown, wrap: (item: unknown) => unknown) => {
  let item = inside;
  for (let i = 0; i < levels; i++) item = wrap(item);
  return item;
};
const wraps: [string, (item: unknown) => unknown, [string, string]][] = [
  ["arrays", (item) => [item], ["[", "]"]],
  ["objects", (item) => ({ a: item }), ['{"a":', "}"]],
];

describe("a state that is saved can be loaded", () => {
  it("however many entries a list has", async () => {
    const history = Array.from({ length: 430_000 }, (_, i) => ({ [`"${i % 7}\\`]: i }));
    const { history: loaded } = await loadCheckpoint(await saveCheckpoint({ history }));
    expect((loaded as object[]).length).toBe(history.length);
    expect((loaded as object[]).at(-1)).toEqual(history.at(-1));
  });

  it.each(wraps)("nested %s, 1000 levels deep", async (_, wrap) => {
    const part = nested(1000, Number.NaN, wrap);
    expect((await loadCheckpoint(await saveCheckpoint({ part }))).part).toEqual(part);
  });

  it("a tensor with a name that the format reserves", async () => {
    const { __metadata__: x } = await loadCheckpoint(await saveCheckpoint({ __metadata__: tensor([1]) }));
    expect(x).toBeDefined();
  });

  it.each(["__proto__", "constructor", "toString"])("a part and a key called %s", async (name) => {
    const parts = JSON.parse(`{"${name}": {"${name}": 1}}`) as Record<string, unknown>;
    const loaded = await loadCheckpoint(await saveCheckpoint(parts));
    expect(Object.keys(loaded)).toEqual([name]);
    expect(JSON.stringify(loaded)).toBe(JSON.stringify(parts));
    expect(Object.getPrototypeOf(loaded)).toBe(Object.prototype);
  });
});

describe("a state that could not be loaded is not saved", () => {
  async function expectRefused(part: unknown, message: string): Promise<void> {
    const saving = saveCheckpoint({ a: { part } });
    await expect(saving).rejects.toThrow(CheckpointError);
    await expect(saving).rejects.toThrow(`saveCheckpoint: ${message}`);
  }

  it.each(wraps)("nested %s, deeper than that", async (_, wrap) => {
    for (const levels of [1001, 100_000]) {
      await expectRefused(nested(levels, 1, wrap), "cannot save the value at a.part.");
      await expect(saveCheckpoint({ part: nested(levels, 1, wrap) })).rejects.toThrow(
        "more than 1000 levels deep; use flat lists",
      );
    }
  });

  it("an object within itself", async () => {
    const loop: Record<string, unknown> = { list: [] };
    (loop.list as unknown[]).push({ loop });
    await expectRefused(
      loop,
      "cannot save the value at a.part.list.0.loop, which contains itself; take it apart",
    );
    const twice = { x: 1 };
    await expect(saveCheckpoint({ a: twice, b: [twice, twice] })).resolves.toBeDefined();
  });

  it("a hole in a list", () =>
    expectRefused(new Array(2), "cannot save the value at a.part.0, of type undefined"));

  it("an object that hides its class", () =>
    expectRefused(
      Object.create({ constructor: 5 }) as unknown,
      "cannot save the value at a.part, of type object",
    ));

  it("more than 100 MB without tensors", async () => {
    await expectRefused(
      "x".repeat(1e8),
      "the states without their tensors take more than 100000000 bytes; make tensors of long lists of numbers",
    );
  });

  it("more than that in the written form", async () => {
    for (const text of ['"'.repeat(3e7), "\u0001".repeat(9.9e7)]) {
      const saving = saveCheckpoint({ text });
      await expect(saving).rejects.toThrow(SafetensorsError);
      await expect(saving).rejects.toThrow(
        /^saveCheckpoint: the header would take [\dmorethan ]* bytes, but 100000000 at most can be read again; put long/,
      );
    }
    expect(() => saveSafetensors({ ["x".repeat(1e8)]: tensor(1) })).toThrow(
      "saveSafetensors: the header would",
    );
  });
});

describe("a small file", () => {
  it.each(wraps)("is refused when it has 100,000 levels of %s", async (_, __, [open, close]) => {
    const deep = open.repeat(100_000) + 1 + close.repeat(100_000);
    const loading = loadCheckpoint(checkpoint(`{"version":1,"parts":{"a":${deep}}}`));
    await expect(loading).rejects.toThrow(CheckpointError);
    await expect(loading).rejects.toThrow("loadCheckpoint: the states are more than 1000 levels deep");
    const header = fileOf(`{"x":{"dtype":"F32","shape":${deep},"data_offsets":[0,4]}}`, 4);
    expect(() => loadSafetensors(header)).toThrow(SafetensorsError);
    expect(() => loadSafetensors(header)).toThrow("loadSafetensors: the header is more than 100 levels deep");
  });

  it("has one tensor in memory when it names it in many places", async () => {
    const json = `{"version":1,"parts":{"a":[${'{"$tensor":"x"},'.repeat(3)}1]}}`;
    const { a } = await loadCheckpoint<{ a: unknown[] }>(checkpoint(json));
    expect([a[1] === a[0], a[2] === a[0], a[3]]).toEqual([true, true, 1]);
  });

  it.each([
    ['{"$tensor":{"toString":1}}', "the name of a tensor is an object"],
    ['{"$tensor":7}', "the name of a tensor is 7"],
    ['{"$number":"7"}', 'a number is "7"'],
    ['{"$number":{"valueOf":1}}', "a number is an object"],
  ])("is refused when it holds %s", async (json, message) => {
    const loading = loadCheckpoint(checkpoint(`{"version":1,"parts":{"a":[${json}]}}`));
    await expect(loading).rejects.toThrow(CheckpointError);
    await expect(loading).rejects.toThrow(`loadCheckpoint: ${message}`);
  });
});
