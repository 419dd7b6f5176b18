import { Generator, tensor } from "@thalweg/tensor";
import { describe, expect, expectTypeOf, it } from "vitest";
import { loadCheckpoint } from "./checkpoint/load-checkpoint";
import { saveCheckpoint } from "./checkpoint/save-checkpoint";
import { CheckpointError, FileError, SafetensorsError } from "./errors";
import { loadSafetensors, readSafetensorsHeader } from "./safetensors/load-safetensors";
import { saveSafetensors } from "./safetensors/save-safetensors";

type Callable = (...args: unknown[]) => unknown;
const [save, load, header, write, read] = [
  saveSafetensors,
  loadSafetensors,
  readSafetensorsHeader,
  saveCheckpoint,
  loadCheckpoint,
] as unknown as [Callable, Callable, Callable, Callable, Callable];

const part = { stateDict: () => ({}), loadStateDict() {} };
const x = tensor([1]);

describe("errors name what was called", () => {
  it.each<[string, () => unknown, string]>([
    [
      "nothing",
      () => save(),
      "saveSafetensors: tensors must be an object of tensors by name, got nothing; call it",
    ],
    ["an array", () => save([x]), "saveSafetensors: tensors must be an object of tensors by name, got"],
    [
      "another option",
      () => save({ x }, { metdata: {} }),
      'there is no option "metdata"; did you mean metadata?',
    ],
    [
      "no texts",
      () => save({ x }, { metadata: 1 }),
      "saveSafetensors: metadata must be an object of texts by name",
    ],
    [
      "two options",
      () => save({ x }, {}, {}),
      "saveSafetensors: takes 2 arguments, got an object, too; call it as",
    ],
    ["no path", () => save({ x }, 7), "saveSafetensors: options must be an object of options, got 7"],
    [
      "an empty path",
      () => save({ x }, ""),
      'saveSafetensors: cannot write "", the path is empty; choose another',
    ],
    [
      "no bytes",
      () => load(),
      "loadSafetensors: cannot read a value of type undefined; pass bytes, or the path",
    ],
    [
      "an empty path to read",
      () => load(""),
      'loadSafetensors: cannot read "", the path is empty; choose another',
    ],
    [
      "no file",
      () => load("/no/such"),
      'loadSafetensors: cannot read "/no/such", there is no such file; choose',
    ],
    [
      "a header of no file",
      () => header("/no/such"),
      'readSafetensorsHeader: cannot read "/no/such", there is no',
    ],
    [
      "a short header",
      () => header(new Uint8Array(3)),
      "readSafetensorsHeader: the file ends within the length",
    ],
  ])("%s", (_, call, message) => {
    expect(call).toThrow(message);
  });

  it.each<[string, () => unknown, string]>([
    [
      "no parts",
      () => write(null),
      "saveCheckpoint: expects a path and parts, or parts alone; the path comes first",
    ],
    ["a list of parts", () => write([part]), "saveCheckpoint: expects a path and parts"],
    [
      "a part",
      () => write(part),
      "saveCheckpoint: expects parts by name, got one part; give it a name: { model }",
    ],
    [
      "no folder",
      () => write("/no/such/x", { part }),
      'saveCheckpoint: cannot write "/no/such/x", there is no such',
    ],
    ["nothing to read", () => read(), "loadCheckpoint: cannot read a value of type undefined"],
    ["a path alone", () => read("/no/such"), 'loadCheckpoint: cannot read "/no/such", there is no such file'],
    [
      "a damaged file",
      () => read(new Uint8Array(3)),
      "loadCheckpoint: the file ends within the length of its header",
    ],
    [
      "one part",
      () => read(new Uint8Array(3), part),
      "loadCheckpoint: expects parts by name, got an object; give",
    ],
    ["a generator", () => read(new Uint8Array(3), new Generator()), "loadCheckpoint: expects parts by name"],
    [
      "null",
      () => read(new Uint8Array(3), null),
      "loadCheckpoint: expects parts by name, got null; give each",
    ],
  ])("of a checkpoint: %s", async (_, call, message) => {
    await expect(call()).rejects.toThrow(message);
  });

  it("and have distinct names", () => {
    expect(new CheckpointError("op", "x").name).toBe("CheckpointError");
    expect(new SafetensorsError("op", "x").name).toBe("SafetensorsError");
    expect(new FileError("op", "path", "x", "y").name).toBe("FileError");
  });
});

describe("types", () => {
  it("of a checkpoint follow the arguments", async () => {
    const bytes = await saveCheckpoint({ part, epoch: 3 });
    const rest = await loadCheckpoint(bytes, { part });
    expectTypeOf(rest.epoch).toBeUnknown();
    expectTypeOf(rest.part).toEqualTypeOf<undefined>();
    const { epoch } = await loadCheckpoint<{ epoch: number }>(bytes, { part });
    expectTypeOf(epoch).toBeNumber();
    expect(epoch).toBe(3);
    const parts: Record<string, typeof part> = { part };
    expectTypeOf((await loadCheckpoint(bytes, parts)).epoch).toBeUnknown();
    expectTypeOf(await loadCheckpoint(bytes)).toEqualTypeOf<Record<string, unknown>>();
  });

  it("of bytes say that they own their memory", () => {
    expectTypeOf(saveSafetensors({ x })).toEqualTypeOf<Uint8Array<ArrayBuffer>>();
    expectTypeOf(new URL("file:///x")).toExtend<Parameters<typeof loadSafetensors>[0]>();
  });
});
