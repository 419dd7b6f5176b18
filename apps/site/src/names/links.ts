import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../pages/api/", import.meta.url));

/** Where a name is looked for first, if a package has a class or a function and a type of that name. */
const kinds = ["classes", "functions", "variables", "interfaces", "type-aliases"];
/** The pages of the reference by the names that they are about, which `init` or `linalg` precedes where they belong to it. */
function pages(): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".md"),
  );
  const rank = (file: string) => kinds.findIndex((kind) => file.includes(`/${kind}/`));
  const found = new Map<string, string>();
  for (const file of files.filter((each) => rank(each) >= 0).sort((a, b) => rank(b) - rank(a))) {
    const path = file.replace(/\.md$/, "");
    const [, title] = /^# ([\w\\]+)/m.exec(readFileSync(folder + file, "utf8"))!;
    const name = title!.replaceAll("\\", "");
    const [namespace] = /(?<=\/namespaces\/)init(?=\/)|(?<=^|\/)linalg(?=\/)/.exec(path) ?? [];
    found.set(namespace === undefined ? name : `${namespace}.${name}`, `/api/${path}`);
  }
  return found;
}

/** The links to the reference of these names: exports, and members as `Tensor.abs`. */
export function linksOf(names: ReadonlySet<string>): (name: string) => string {
  const known = pages();
  return (name) => {
    const page = known.get(name);
    if (page !== undefined) return page;
    const [owner, member] = name.split(".") as [string, string];
    // The heading of `add_` has the anchor of `add`, and a number where there is one.
    const anchor = member.replace(/_$/, "").toLowerCase();
    const isSecond = member.endsWith("_") && names.has(`${owner}.${member.slice(0, -1)}`);
    return `${known.get(owner)}#${anchor}${isSecond ? "-1" : ""}`;
  };
}
