import { spawn } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Tensor, tensor } from "@thalweg/tensor";
import { afterEach, describe, expect, it, vi } from "vitest";
import { temporaryFolder } from "../test/temporary-folder";
import { loadCheckpoint } from "./checkpoint/load-checkpoint";
import { loadSafetensors, readSafetensorsHeader } from "./safetensors/load-safetensors";
import { saveSafetensors } from "./safetensors/save-safetensors";

const folder = temporaryFolder();

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("a file", () => {
  it("holds the bytes that are returned without a path", () => {
    const path = join(folder, "a.safetensors");
    const tensors = { x: tensor([1, 2]), y: tensor([3], { dtype: "float64" }) };
    const options = { metadata: { step: "7" } };
    saveSafetensors(tensors, path, options);
    expect(new Uint8Array(fs.readFileSync(path))).toEqual(saveSafetensors(tensors, options));
    expect(loadSafetensors(path).x!.toArray()).toEqual([1, 2]);
    expect(readSafetensorsHeader(pathToFileURL(path)).metadata).toEqual(options.metadata);
  });

  it("may be named by a URL", () => {
    const url = pathToFileURL(join(folder, "with space.safetensors"));
    saveSafetensors({ x: tensor(1) }, url);
    expect(loadSafetensors(url).x!.item()).toBe(1);
  });

  it("that does not exist is the system's error", () => {
    expect(() => loadSafetensors(join(folder, "none"))).toThrow(expect.objectContaining({ code: "ENOENT" }));
    expect(() => saveSafetensors({}, join(folder, "none", "x"))).toThrow(
      expect.objectContaining({ code: "ENOENT" }),
    );
  });

  it("is refused where there are no files", () => {
    vi.stubGlobal("process", undefined);
    const message = "there are no files here; leave the path out, and keep or fetch the bytes";
    expect(() => loadSafetensors("x")).toThrow(`loadSafetensors: ${message}`);
    expect(() => saveSafetensors({}, "x")).toThrow(`saveSafetensors: ${message}`);
    expect(loadSafetensors(saveSafetensors({ x: tensor(2) })).x!.item()).toBe(2);
  });

  it("must be bytes or a path", () => {
    expect(() => loadSafetensors({ x: 1 } as unknown as Uint8Array)).toThrow(
      "loadSafetensors: cannot read a value of type object; pass bytes, or the path of a file",
    );
  });
});

describe("a file that is replaced", () => {
  it.each(["writeFileSync", "fsyncSync", "renameSync"] as const)(
    "stays whole, and nothing else is left, when %s fails",
    (step) => {
      const path = join(folder, `${step}.safetensors`);
      saveSafetensors({ x: tensor([1]) }, path);
      const before = fs.readdirSync(folder);
      const original = fs.writeFileSync;
      let calls = 0;
      vi.spyOn(fs, step).mockImplementation(((...args: Parameters<typeof original>) => {
        // The header is written, the data are not.
        if (step === "writeFileSync" && ++calls === 1) return original(...args);
        throw new Error("the disk is full");
      }) as never);
      expect(() => saveSafetensors({ x: tensor([2]) }, path)).toThrow("the disk is full");
      vi.restoreAllMocks();
      expect(loadSafetensors(path).x!.toArray()).toEqual([1]);
      expect(fs.readdirSync(folder)).toEqual(before);
    },
  );

  it("is the whole old or the whole new one when the process is killed", async () => {
    const path = join(folder, "killed.safetensors");
    const program = fileURLToPath(new URL("../test/endless-saver.mjs", import.meta.url));
    const command = ["--import", "tsx", "--conditions=@thalweg/source", program, path];
    for (let run = 0; run < 4; run++) {
      const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "inherit"] });
      const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
      await new Promise((resolve) => child.stdout.once("data", resolve));
      await setTimeout(20 + 37 * run);
      child.kill("SIGKILL");
      expect(await ended).toBe("SIGKILL");
      const { value, x } = (await loadCheckpoint(path)) as { value: number; x: Tensor };
      expect(x.eq(value).all().item()).toBe(1);
    }
  });
});
