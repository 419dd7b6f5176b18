import { exported, members } from "./names";

/** Lists the public names that the library owes and does not have; fails where there are any. */

type Exports = Readonly<Record<string, unknown>>;

const load = (name: string): Promise<Exports> => import(name);

/** The class's prototype, or the object itself. */
function holderOf(value: unknown): object {
  return typeof value === "function" ? (value.prototype as object) : (value as object);
}

const missing: string[] = [];
let count = 0;

for (const [name, names] of Object.entries(exported)) {
  const all = await load(name);
  const whole = ["@thalweg/testing", "@thalweg/tensor/webgpu"].includes(name) ? all : await load("thalweg");
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
