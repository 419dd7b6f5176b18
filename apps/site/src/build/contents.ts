import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { DefaultTheme } from "vitepress";
import { parse } from "yaml";
import type { Language } from "../frame/language";

const pages = fileURLToPath(new URL("../../pages", import.meta.url));

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
}

function about(file: string): About {
  const [, matter] = readFileSync(file, "utf8").split(/^---$/m);
  return parse(matter ?? "");
}

/** The pages of a folder by their `order`; those without one, such as its index, are not listed. */
function listed(folder: string, link: string): DefaultTheme.SidebarItem[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".md"))
    .map((file) => ({ file, ...about(`${folder}/${file}`) }))
    .filter((page) => page.order !== undefined)
    .sort((a, b) => a.order! - b.order!)
    .map(({ file, title }) => ({ text: title, link: `${link}${file.replace(/\.md$/, "")}` }));
}

/** The navigation of a language: its sections, with the pages of each. */
export function contents(language: Language): {
  nav: DefaultTheme.NavItem[];
  sidebar: DefaultTheme.SidebarMulti;
} {
  const prefix = language === "en" ? "" : `/${language}`;
  const present = sections
    .map(({ folder, name }) => ({
      name: name[language],
      folder: `${pages}${prefix}/${folder}`,
      link: `${prefix}/${folder}/`,
    }))
    .filter(({ folder }) => existsSync(`${folder}/index.md`));
  return {
    nav: present.map(({ name, link }) => ({ text: name, link, activeMatch: `^${link}` })),
    sidebar: Object.fromEntries(
      present.map(({ name, folder, link }) => [link, [{ text: name, link, items: listed(folder, link) }]]),
    ),
  };
}
