import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Tensor, tensor } from "@thalweg/tensor";
import { afterEach, describe, expect, it, vi } from "vitest";
import { temporaryFolder } from "../test/temporary-folder";
import { loadCheckpoint } from "./checkpoint/load-checkpoint";
import { FileError } from "./errors";
import { loadSafetensors } from "./safetensors/load-safetensors";
import { saveSafetensors } from "./safetensors/save-safetensors";

const folder = temporaryFolder();
let count = 0;
/** A new folder for each test, since they look at its other files. */
const place = () => {
  const path = join(folder, `${++count}`);
  fs.mkdirSync(path);
  return path;
};
const x = tensor([1, 2]);
const value = (path: string) => loadSafetensors(path).x!.toArray();
const modeOf = (path: string) => fs.statSync(path).mode & 0o7777;
const saver = fileURLToPath(new URL("../test/endless-saver.mjs", import.meta.url));
const options = ["--import", "tsx", "--conditions=@thalweg/source"];

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a file that is replaced", () => {
  it("is the target of a symbolic link, which stays", () => {
    const at = place();
    fs.mkdirSync(join(at, "real"));
    fs.symlinkSync(join("real", "x"), join(at, "inner"));
    fs.symlinkSync("inner", join(at, "link"));
    // First for a file that does not exist yet, then for one that does.
    for (const values of [[3], [4, 5]]) {
      saveSafetensors({ x: tensor(values) }, join(at, "link"));
      expect(fs.readlinkSync(join(at, "link"))).toBe("inner");
      expect(value(join(at, "real", "x"))).toEqual(values);
    }
    expect(fs.readdirSync(join(at, "real"))).toEqual(["x"]);
  });

  it("is refused when links form a cycle", () => {
    const at = place();
    fs.symlinkSync("b", join(at, "a"));
    fs.symlinkSync("a", join(at, "b"));
    expect(() => saveSafetensors({ x }, join(at, "a"))).toThrow("its symbolic links go round in a circle");
  });

  it.each([0o600, 0o644, 0o664])("keeps its mode %o", (mode) => {
    const path = join(place(), "x");
    fs.writeFileSync(path, "old");
    fs.chmodSync(path, mode);
    saveSafetensors({ x }, path);
    expect(modeOf(path)).toBe(mode);
    expect(value(path)).toEqual([1, 2]);
  });

  it("has the usual mode if it is new", () => {
    const at = place();
    fs.writeFileSync(join(at, "usual"), "");
    saveSafetensors({ x }, join(at, "new"));
    expect(modeOf(join(at, "new"))).toBe(modeOf(join(at, "usual")));
  });

  it.each<[string, (path: string) => void, string]>([
    ["a read-only file", (path) => fs.writeFileSync(path, "old", { mode: 0o444 }), "it is read-only"],
    ["a directory", (path) => fs.mkdirSync(path), "it is a directory"],
    ["a device", (path) => fs.symlinkSync("/dev/null", path), "it is a device"],
    ["a pipe", (path) => execFileSync("mkfifo", [path]), "it is not an ordinary file"],
  ])("is not %s", (_, make, problem) => {
    const at = place();
    const path = join(at, "x");
    make(path);
    const before = fs.lstatSync(path);
    const save = () => saveSafetensors({ x }, path);
    expect(save).toThrow(FileError);
    expect(save).toThrow(`saveSafetensors: cannot write "${path}", ${problem}; choose another path`);
    expect([fs.lstatSync(path).mode, fs.lstatSync(path).ino]).toEqual([before.mode, before.ino]);
    expect(fs.readdirSync(at)).toEqual(["x"]);
    if (problem === "it is read-only") return;
    const load = () => loadSafetensors(path);
    expect(load).toThrow(FileError);
    expect(load).toThrow(`loadSafetensors: cannot read "${path}", ${problem}; choose another path`);
  });

  it.each(["n".repeat(250), "n".repeat(255), "ä".repeat(125), "𝛉".repeat(62)])("may be called %s", (name) => {
    const at = place();
    for (let i = 0; i < 2; i++) saveSafetensors({ x }, join(at, name));
    expect(value(join(at, name))).toEqual([1, 2]);
    expect(fs.readdirSync(at)).toEqual([name]);
  });

  it.each<[string, string | URL, string]>([
    ["", "", "the path is empty"],
    ["a missing folder", join(tmpdir(), "none", "x"), "there is no such "],
    ["a path with a zero", "a\0b", "must be a string"],
    ["a URL of no file", new URL("https://example.com/x"), "The URL must be of scheme file"],
  ])("is refused by its path: %s", (_, path, problem) => {
    for (const [run, verb] of [
      [() => saveSafetensors({ x }, path), "saveSafetensors: cannot write"],
      [() => loadSafetensors(path), "loadSafetensors: cannot read"],
    ] as const) {
      expect(run).toThrow(FileError);
      expect(run).toThrow(`${verb} "${path}", `);
      expect(run).toThrow(problem);
    }
  });
});

describe("the leftover of a process that was killed", () => {
  /** The name of a temporary file, read while one is written. */
  const temporary = (at: string) => {
    let name = "";
    const original = fs.renameSync;
    vi.spyOn(fs, "renameSync").mockImplementation((from, to) => {
      name = String(from).split("/").at(-1)!;
      original(from, to);
    });
    saveSafetensors({ x }, join(at, "model.safetensors"));
    vi.restoreAllMocks();
    return name;
  };
  const leave = (at: string, name: string, seconds: number) => {
    fs.writeFileSync(join(at, name), "half");
    const then = Date.now() / 1000 - seconds;
    fs.utimesSync(join(at, name), then, then);
  };
  /** A number that belongs to no process. */
  const gone = () => Number(execFileSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" }));

  it("is named by its target, a machine, a process and random digits", () => {
    const at = place();
    expect(temporary(at)).toMatch(
      new RegExp(`^model\\.safetensors\\.[0-9a-z]+-${process.pid}-[0-9a-f-]{36}\\.thalweg-tmp$`),
    );
    expect(temporary(at)).not.toBe(temporary(at));
  });

  it("is removed when it cannot be in use, and nothing else is", () => {
    const at = place();
    const name = temporary(at);
    const [, host] = /\.([0-9a-z]+)-\d+-/.exec(name)!;
    const named = (machine: string, pid: number) => `x.${machine}-${pid}-${crypto.randomUUID()}.thalweg-tmp`;
    const left = [
      [named(host!, gone()), 0],
      // From an earlier process of this number.
      [named(host!, process.pid), process.uptime() + 60],
      [named(host!, process.ppid), 3700],
      [named("elsewhere", 7), 3700],
    ] as const;
    const kept = [
      [named(host!, process.pid), 0],
      [named(host!, process.ppid), 600],
      [named("elsewhere", 7), 600],
      ["x.tmp", 1e6],
      ["model.safetensors.7-1.tmp", 1e6],
      [`x.${host}-7-8.thalweg-tmp`, 1e6],
    ] as const;
    for (const [file, age] of [...left, ...kept]) leave(at, file, age);
    saveSafetensors({ x }, join(at, "model.safetensors"));
    expect(fs.readdirSync(at).sort()).toEqual([...kept.map(([file]) => file), "model.safetensors"].sort());
  });

  it("does not prevent a process of the same number from saving", () => {
    const at = place();
    // The names that an earlier version would have written to next.
    for (let i = 0; i < 100; i++) fs.writeFileSync(join(at, `x.${process.pid}-${i}.tmp`), "");
    saveSafetensors({ x }, join(at, "x"));
    expect(value(join(at, "x"))).toEqual([1, 2]);
  });

  it("is gone after the next save", async () => {
    const at = place();
    const path = join(at, "x");
    for (let run = 0; run < 3; run++) {
      const child = spawn(process.execPath, [...options, saver, path], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const ended = new Promise((resolve) => child.once("exit", resolve));
      await new Promise((resolve) => child.stdout.once("data", resolve));
      while (!fs.readdirSync(at).some((name) => name.endsWith(".thalweg-tmp"))) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      child.kill("SIGKILL");
      await ended;
    }
    saveSafetensors({ x }, path);
    expect(fs.readdirSync(at)).toEqual(["x"]);
  });
});

describe("several processes that save to one path", () => {
  it("leave one whole file", async () => {
    const at = place();
    const path = join(at, "x");
    const children = [1, 2, 3].map(() =>
      spawn(process.execPath, [...options, saver, path], { stdio: ["ignore", "pipe", "inherit"] }),
    );
    await Promise.all(children.map((child) => new Promise((resolve) => child.stdout.once("data", resolve))));
    for (let i = 0; i < 20; i++) {
      const { value: saved, x: loaded } = (await loadCheckpoint(path)) as { value: number; x: Tensor };
      expect(loaded.eq(saved).all().item()).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    for (const child of children) child.kill("SIGKILL");
    await Promise.all(children.map((child) => new Promise((resolve) => child.once("exit", resolve))));
    saveSafetensors({ x }, path);
    expect(fs.readdirSync(at)).toEqual(["x"]);
  });
});
