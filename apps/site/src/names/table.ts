import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Area, Entry, Names, Note } from "./entry";
import { functionAreas, functions } from "./functions";
import { modules } from "./modules";

export type Status = "has" | "differs" | "lacks";

/** A line of the table. */
export interface Row {
  readonly area: Area;
  /** As PyTorch's documentation writes it: `nn.Linear`, `Tensor.add_`. */
  readonly name: string;
  readonly status: Status;
  readonly ours?: string;
  readonly note?: Note;
}

/** What names of members begin with; functions and classes of other areas are exports. */
const owners: Partial<Record<Area, string>> = {
  Tensor: "Tensor.",
  "nn.Module": "Module.",
  "nn.init": "init.",
  "optim.Optimizer": "Optimizer.",
  distributed: "Communicator.",
};

const onImport: Note = ['after `import "thalweg/methods"`', '需先 `import "thalweg/methods"`'];
const inPlace: Note = ["not in place; assign the result", "没有就地形式，请把结果赋给变量"];

/** PyTorch's names in the library's spelling: `log_softmax` is `logSoftmax`, and `add_` stays. */
export const camelCase = (name: string): string =>
  name.replace(/(?<=[a-z0-9])_([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());

const file = createRequire(import.meta.url).resolve("@thalweg/oracle/names");

/** PyTorch's names by area, and the version that has them. */
export const { areas, version }: { areas: Names; version: string } = JSON.parse(readFileSync(file, "utf8"));

/** What the maps say of a name. */
export function entryOf(area: Area, name: string): Entry | undefined {
  const own = (modules[area] as Record<string, Entry> | undefined)?.[name];
  const isFunction = (functionAreas as readonly Area[]).includes(area);
  return own ?? (isFunction ? (functions as Record<string, Entry>)[name] : undefined);
}

function rowOf(area: Area, name: string, ours: ReadonlySet<string>): Row {
  const entry = entryOf(area, name);
  const about = { area, name: area === "torch" ? name : `${area}.${name}` };
  const inLinalg = area === "linalg" && ours.has(`linalg.${camelCase(name)}`);
  const inRule = (inLinalg ? "linalg." : (owners[area] ?? "")) + camelCase(name);
  const called = entry?.ours ?? camelCase(name);
  const method = `MoreMethods.${called}`;
  if (area === "Tensor" && ours.has(method) && !ours.has(`Tensor.${called}`)) {
    return { ...about, status: "differs", ours: method, note: entry?.note ?? onImport };
  }
  const own = entry?.ours ?? (ours.has(inRule) && !isInstead(entry) ? inRule : undefined);
  if (own !== undefined) {
    const named = area === "Tensor" && ours.has(`Tensor.${own}`) ? `Tensor.${own}` : own;
    return entry?.note === undefined
      ? { ...about, status: "has", ours: named }
      : { ...about, status: "differs", ours: named, note: entry.note };
  }
  const isInPlace = name.endsWith("_") && area in { torch: 0, Tensor: 0, "nn.functional": 0 };
  const note = entry?.note ?? (isInPlace ? inPlace : undefined);
  return { ...about, status: "lacks", ...(note && { note }) };
}

const isInstead = (entry: Entry | undefined) => entry?.note !== undefined && entry.ours === undefined;

/** All of PyTorch's names, with ours. */
export const table = (ours: ReadonlySet<string>): Row[] =>
  (Object.keys(areas) as Area[]).flatMap((area) =>
    Object.keys(areas[area]).map((name) => rowOf(area, name, ours)),
  );
