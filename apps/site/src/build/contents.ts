import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { DefaultTheme } from "vitepress";
import { parse } from "yaml";
import type { Language } from "../frame/language";
import { listedPackages } from "../reference/members";

const pages = fileURLToPath(new URL("../../pages", import.meta.url));

/** The groups of pages in a section, in their order. */
const groups = {
  basics: { en: "Basics", zh: "基础" },
  speed: { en: "Speed and memory", zh: "速度与内存" },
  extend: { en: "Write your own", zh: "自己编写" },
  more: { en: "Look up", zh: "查阅" },
} as const;

/** The folders of pages, in the order of the navigation. */
const sections = [
  { folder: "lesson", name: { en: "Lesson", zh: "课程" } },
  { folder: "play", name: { en: "Playground", zh: "游乐场" } },
  { folder: "guide", name: { en: "Guide", zh: "指南" } },
  { folder: "api", name: { en: "Reference", zh: "参考" } },
] as const;

/** What a page says of itself in its front matter. */
interface About {
  readonly title: string;
  readonly order?: number;
  readonly group?: keyof typeof groups;
}

function about(file: string): About {
  const [, matter] = readFileSync(file, "utf8").split(/^---$/m);
  return parse(matter ?? "");
}

/** The pages of a folder by their `order`; those without one, such as an index, are not listed. */
function listed(folder: string, link: string, language: Language): DefaultTheme.SidebarItem[] {
  const found = readdirSync(folder)
    .filter((file) => file.endsWith(".md"))
    .map((file) => ({ file, ...about(`${folder}/${file}`) }))
    .filter((page) => page.order !== undefined)
    .sort((a, b) => a.order! - b.order!);
  const items = (of: typeof found) =>
    of.map(({ file, title }) => ({ text: title, link: link + file.replace(/(index)?\.md$/, "") }));
  const grouped = Object.entries(groups).map(([group, name]) => ({
    text: name[language],
    items: items(found.filter((page) => page.group === group)),
  }));
  return [
    ...items(found.filter((page) => page.group === undefined)),
    ...grouped.filter((group) => group.items.length > 0),
  ];
}

/** A section of the sidebar. Its name leads to its index, unless that is among the pages. */
const section = (text: string, link: string, items: DefaultTheme.SidebarItem[]): DefaultTheme.SidebarItem =>
  items.some((item) => item.items?.some((page) => page.link === link)) ? { items } : { text, link, items };

/** The sidebar of the reference: its packages. The names of the one that is looked at are beside them. */
function reference(name: string, link: string): DefaultTheme.SidebarItem[] {
  const items = listedPackages().map(({ text, link }) => ({ text, link }));
  return [{ text: name, link, items }];
}

/** The navigation of a language: its sections, with the pages of each. A section that it lacks is the English one. */
export function contents(language: Language): {
  nav: DefaultTheme.NavItem[];
  sidebar: DefaultTheme.SidebarMulti;
} {
  const prefix = language === "en" ? "" : `/${language}`;
  const present = sections
    .map(({ folder, name }) => {
      const path = [prefix, ""]
        .map((root) => `${root}/${folder}/`)
        .find((each) => existsSync(`${pages}${each}index.md`));
      return { name: name[language], folder, link: path ?? "" };
    })
    .filter(({ link }) => link !== "");
  const sidebars = present
    .filter(({ link }) => link.startsWith(`${prefix}/`))
    .map(({ name, folder, link }) => [
      link,
      folder === "api" ? reference(name, link) : [section(name, link, listed(pages + link, link, language))],
    ]);
  return {
    nav: present.map(({ name, link }) => ({ text: name, link, activeMatch: `^${link}` })),
    sidebar: Object.fromEntries(sidebars),
  };
}
