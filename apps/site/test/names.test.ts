import * as thalweg from "thalweg";
import { describe, expect, it } from "vitest";
import type { Area } from "../src/names/entry";
import { functionAreas, functions } from "../src/names/functions";
import { modules } from "../src/names/modules";
import { ourNames } from "../src/names/ours";
import { areas, camelCase, entryOf, table } from "../src/names/table";

const ours = ourNames();
const rows = table(ours);
const row = (name: string) => rows.find((each) => each.name === name);
const short = (area: Area, name: string) => (area === "torch" ? name : name.slice(area.length + 1));
const inArea = (area: Area, name: string) => name in areas[area];

describe("the table of PyTorch's names", () => {
  it("has each of them once", () => {
    const names = Object.values(areas).reduce((sum, area) => sum + Object.keys(area).length, 0);
    expect(new Set(rows.map(({ name }) => name)).size).toBe(names);
    expect(names).toBeGreaterThan(1000);
  });

  it("tells what the library has, what differs and what it lacks", () => {
    expect(row("exp")).toEqual({ area: "torch", name: "exp", status: "has", ours: "exp" });
    expect(row("Tensor.log_softmax")).toMatchObject({ status: "has", ours: "Tensor.logSoftmax" });
    expect(row("nn.init.xavier_uniform_")).toMatchObject({ status: "has", ours: "init.xavierUniform_" });
    expect(row("nn.CrossEntropyLoss")).toMatchObject({ status: "differs", ours: "crossEntropy" });
    expect(row("Tensor.isnan")).toMatchObject({ status: "has", ours: "Tensor.isNaN" });
    expect(row("Tensor.isinf")).toMatchObject({
      status: "differs",
      ours: "MoreMethods.isInf",
      note: [expect.stringContaining("thalweg/methods"), expect.anything()],
    });
    expect(row("nn.Conv3d")).toEqual({ area: "nn", name: "nn.Conv3d", status: "lacks" });
    expect(row("Tensor.exp_")).toMatchObject({
      status: "lacks",
      note: [expect.stringContaining("in place"), expect.anything()],
    });
  });

  it("names only what the reports of the packages have", () => {
    const unknown = rows.filter((each) => each.ours !== undefined && !ours.has(each.ours));
    expect(unknown).toEqual([]);
  });

  it("explains only names that PyTorch has", () => {
    const ofFunctions = Object.keys(functions).filter(
      (name) => !functionAreas.some((area) => inArea(area, name)),
    );
    const ofModules = Object.entries(modules).flatMap(([area, entries]) =>
      Object.keys(entries).filter((name) => !inArea(area as Area, name)),
    );
    expect([...ofFunctions, ...ofModules]).toEqual([]);
  });

  it("explains nothing that follows from the rule of names", () => {
    const idle = rows.filter(({ area, name }) => {
      const entry = entryOf(area, short(area, name));
      return (
        entry?.ours !== undefined && entry.note === undefined && camelCase(short(area, name)) === entry.ours
      );
    });
    expect(idle.map(({ name }) => name)).toEqual([]);
  });
});

const [x, y] = [
  thalweg.tensor([
    [0.5, 1],
    [2, 1.5],
  ]),
  thalweg.tensor([
    [0.25, 0.5],
    [1, 3],
  ]),
];
const v = thalweg.tensor([1, 2]);
/** The variables of each text; matrices unless told otherwise. */
const usual = {
  x,
  y,
  v,
  a: x,
  b: y,
  c: y,
  u: y,
  weight: v,
  min: 0,
  n: 2,
  value: 3,
  threshold: 1,
  dim: 1,
  dims: [0],
};
const special: Record<string, object> = {
  baddbmm: { a: thalweg.ones([1, 2, 2]), b: thalweg.ones([1, 2, 2]) },
  cross: { a: thalweg.tensor([1, 0, 0]), b: thalweg.tensor([0, 1, 0]) },
  diag_embed: { x: v },
  diagflat: { x: v },
  diff: { x: v },
  logspace: { a: 0, b: 2 },
  scatter_add_: { index: thalweg.tensor([[0, 1]]), src: thalweg.ones([1, 2]), dim: 0 },
  take: { index: thalweg.tensor([3, 0]) },
};
const more = {
  ...{ shape: [2], std: 2, mean: 1, rtol: 1e-5, atol: 1e-8, mask: x.gt(1), logits: x, data: [1], i: 0 },
  ...{ tensors: [x, y], scores: x },
};

/** Texts that are nothing but code. */
const texts = rows
  .filter(({ area, status }) => status === "lacks" && (functionAreas as readonly Area[]).includes(area))
  .map(({ name, note }) => [name, /^`([^`]+)`$/.exec(note?.[0] ?? "")?.[1]] as const)
  .filter((pair): pair is readonly [string, string] => /[.(]/.test(pair[1] ?? ""));

describe("code that stands in for a function", () => {
  it.for(texts)("runs: %s", ([name, text]) => {
    const names = {
      ...thalweg,
      ...usual,
      ...more,
      ...special[name.slice(name.lastIndexOf(".") + 1)],
    } as Record<string, unknown>;
    delete names.var;
    const value = new Function(...Object.keys(names), `return ${text}`)(...Object.values(names)) as unknown;
    expect(value).toBeDefined();
    expect(value).not.toBeNull();
  });
});
