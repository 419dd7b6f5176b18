import { exported, members } from "./names";

/** Lists the public names that the library owes and does not have; fails where there are any. */

type Exports = Readonly<Record<string, unknown>>;

const packages: Readonly<Record<string, () => Promise<Exports>>> = {
  "@thalweg/tensor": () => import("@thalweg/tensor"),
  "@thalweg/tensor/webgpu": () => import("@thalweg/tensor/webgpu"),
  "@thalweg/autograd": () => import("@thalweg/autograd"),
  "@thalweg/nn": () => import("@thalweg/nn"),
  "@thalweg/losses": () => import("@thalweg/losses"),
  "@thalweg/optim": () => import("@thalweg/optim"),
  "@thalweg/data": () => import("@thalweg/data"),
  "@thalweg/io": () => import("@thalweg/io"),
  "@thalweg/testing": () => import("@thalweg/testing"),
};

const load = (name: string): Promise<Exports> => packages[name]!();

/** What the umbrella leaves out. */
const apart = new Set(["@thalweg/testing", "@thalweg/tensor/webgpu"]);

/** The class's prototype, or the object itself. */
function holderOf(value: unknown): object {
  return typeof value === "function" ? (value.prototype as object) : (value as object);
}

const missing: string[] = [];
let count = 0;

for (const [name, names] of Object.entries(exported)) {
  const all = await load(name);
  const whole = apart.has(name) ? all : await import("thalweg");
  count += names.length;
  for (const item of names) {
    if (!(item in all)) missing.push(`${name} does not export ${item}`);
    else if (!(item in whole)) missing.push(`thalweg does not export ${item} of ${name}`);
  }
}

for (const [path, names] of Object.entries(members)) {
  const [name, owner] = path.split(" ") as [string, string];
  const holder = holderOf((await load(name))[owner]);
  count += names.length;
  for (const item of names) if (!(item in holder)) missing.push(`${owner} of ${name} has no ${item}`);
}

for (const line of missing) console.log(line);
console.log(`${count - missing.length} of ${count} public names exist`);
process.exitCode = missing.length === 0 ? 0 : 1;
