import vm from "node:vm";
import { tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../test/temporary-folder";
import { loadCheckpoint } from "./checkpoint/load-checkpoint";
import { saveCheckpoint } from "./checkpoint/save-checkpoint";
import { loadSafetensors } from "./safetensors/load-safetensors";
import { saveSafetensors } from "./safetensors/save-safetensors";

const folder = temporaryFolder();

/** A value of another realm, as in Jest, in an iframe and in a vm. */
const elsewhere = <T>(code: string, given: object = {}): T => vm.runInNewContext(code, given) as T;

const bytes = saveSafetensors({ x: tensor([1, 2]) });

describe("a value of another realm", () => {
  it.each([
    ["bytes", "Uint8Array.from(bytes)"],
    ["a buffer", "Uint8Array.from(bytes).buffer"],
    ["bytes in the middle of others", "Uint8Array.from([0, 0, 0, ...bytes, 0]).subarray(3, -1)"],
  ])("may be loaded: %s", (_, code) => {
    const source = elsewhere<Uint8Array>(code, { bytes });
    expect([Uint8Array, ArrayBuffer].some((here) => (source as unknown) instanceof here)).toBe(false);
    expect(loadSafetensors(source).x!.toArray()).toEqual([1, 2]);
  });

  it("may be saved: plain objects and lists", async () => {
    const part = elsewhere<object>("({ list: [{ x: 1 }], none: Object.create(null) })");
    expect(part instanceof Object).toBe(false);
    expect((await loadCheckpoint(await saveCheckpoint({ part }))).part).toEqual({
      list: [{ x: 1 }],
      none: {},
    });
  });

  it("may name a file: a URL", async () => {
    class Imitated {
      readonly href = `file://${folder}/x`;
      get [Symbol.toStringTag]() {
        return "URL";
      }
    }
    const url = new Imitated() as unknown as URL;
    saveSafetensors({ x: tensor([3]) }, url);
    expect(loadSafetensors(url).x!.toArray()).toEqual([3]);
    await saveCheckpoint(url, { epoch: 4 });
    expect(await loadCheckpoint(url)).toEqual({ epoch: 4 });
  });

  it.each(["new Float32Array(8)", "new DataView(new ArrayBuffer(8))", "({})", "null", "7", "[1]"])(
    "is no file: %s",
    (code) => {
      expect(() => loadSafetensors(elsewhere(code))).toThrow(
        /^loadSafetensors: cannot read a value of type (object|n)/,
      );
    },
  );
});
