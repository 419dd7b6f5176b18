import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A heading, and names with the pages that explain them. */
export interface Group {
  readonly name: string;
  readonly members: readonly { readonly name: string; readonly link: string }[];
}

/** An item of the list that TypeDoc writes. */
interface Item {
  readonly text: string;
  readonly link?: string;
  readonly items?: readonly Item[];
}

const list = fileURLToPath(new URL("../../pages/api/typedoc-sidebar.json", import.meta.url));

/** The packages of the reference. */
export function listedPackages(): (Item & { readonly link: string })[] {
  return JSON.parse(readFileSync(list, "utf8"));
}

const pagesIn = ({ text, link, items = [] }: Item): Group["members"] =>
  link === undefined ? items.flatMap(pagesIn) : [{ name: text, link: link.replace(/\.md$/, "") }];

/** The names of a package that programs call, in groups; those of types are on its page. */
export function groupsOf({ items = [] }: Item): Group[] {
  const spaces = items.filter(({ text }) => text === "Namespaces").flatMap(({ items = [] }) => items);
  const kinds = items.filter(({ text }) => !["Namespaces", "Interfaces", "Type Aliases"].includes(text));
  return [
    ...kinds.map((kind) => ({ name: kind.text, members: pagesIn(kind) })),
    ...spaces.map((space) => ({
      name: space.text,
      members: groupsOf(space).flatMap(({ members }) => members),
    })),
  ];
}
