import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { optimizers } from "../test/exported";
import { optimizer, settings } from "../test/scheduling";
import * as optim from "./index";

const folder = fileURLToPath(new URL(".", import.meta.url));
const source = ["", "schedulers/"]
  .flatMap((under) => readdirSync(folder + under).map((file) => folder + under + file))
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  .map((file) => readFileSync(file, "utf8"))
  .join("\n");

interface Field {
  readonly name: string;
  readonly optional: boolean;
  readonly text: string;
}

/** The fields of an interface, with their doc comments. */
function fieldsOf(name: string): Field[] {
  const body = new RegExp(`export interface ${name}( extends \\w+)? \\{\\n([^]*?)\\n\\}`).exec(source)?.[2];
  if (body === undefined) throw new Error(`there is no interface ${name}`);
  const fields = body.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s+(?:readonly )?(\w+)(\??):/g);
  return Array.from(fields, ([, text, field, mark]) => ({
    name: field!,
    optional: mark === "?",
    text: text!.replace(/\s+\*?\s*/g, " "),
  }));
}

/** The default of an option by its doc comment. */
function defaultIn({ name, text }: Field): unknown {
  const found = /; ([^;]+) unless given/.exec(text)?.[1];
  if (found === undefined) throw new Error(`the comment of ${name} tells no default: ${text}`);
  const [a, b] = found.split(" / ").map(Number);
  return b === undefined ? JSON.parse(found) : a! / b;
}

it("covers all optimizers", () => {
  expect(optimizers.map(([name]) => name)).toEqual(expect.arrayContaining(["Adam", "LBFGS", "SGD"]));
});

describe.each(optimizers)("%s", (name, Class) => {
  it("states the default of every option in its comment", () => {
    const own = fieldsOf(`${name}Options`);
    const fields =
      name === "AdamW" ? [...fieldsOf("AdamOptions").filter((f) => f.name !== "weightDecay"), ...own] : own;
    const told = Object.fromEntries(fields.map((field) => [field.name, defaultIn(field)]));
    expect(told).toEqual(Class.defaults);
  });
});

const schedulers = [
  [optim.StepLR, "StepOptions", { stepSize: 2 }],
  [optim.MultiStepLR, "MultiStepOptions", { milestones: [1] }],
  [optim.LinearLR, "LinearOptions", {}],
  [optim.CosineAnnealingLR, "CosineOptions", { tMax: 3 }],
  [optim.CosineAnnealingWarmRestarts, "WarmRestartsOptions", { t0: 3 }],
  [optim.CosineWarmupLR, "CosineWarmupOptions", { warmupSteps: 1, totalSteps: 3 }],
  [optim.SWALR, "SWAOptions", { swaLr: 0.1 }],
  [optim.CyclicLR, "CyclicOptions", { baseLr: 0.1, maxLr: 1 }],
  [optim.OneCycleLR, "OneCycleOptions", { maxLr: 1, totalSteps: 7 }],
  [optim.ReduceLROnPlateau, "PlateauOptions", {}],
] as const;

describe.each(schedulers)("%o", (Class, interfaceName, required) => {
  const make = Class as unknown as new (target: object, options: object) => optim.LRScheduler;
  const state = (options: object) => {
    const scheduler = new make(optimizer(0.5), { ...required, ...options });
    return JSON.stringify([scheduler.stateDict(), settings(scheduler.optimizer)]);
  };
  // Options whose default is not a value that could be given.
  const without = ["epochs", "stepsPerEpoch", "totalSteps", "scaleFn", "stepSizeDown"];
  const fields = fieldsOf(interfaceName).filter((f) => f.optional && !without.includes(f.name));
  it.each(fields.map((field) => [field.name, field] as const))(
    "without %s uses the default that its comment states",
    (_, field) => {
      expect(state({ [field.name]: defaultIn(field) })).toBe(state({}));
    },
  );

  it("treats an undefined option as one that is not given", () => {
    for (const { name } of fields) expect(state({ [name]: undefined })).toBe(state({}));
  });
});
