import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { built } from "../src/server/serve";

/** The file that an address of the site is answered with; undefined if there is none. */
function fileOf(path: string): string | undefined {
  const stem = join(built, decodeURIComponent(path));
  const candidates = path.endsWith("/") ? [join(stem, "index.html")] : [stem, `${stem}.html`];
  return candidates.find((file) => existsSync(file));
}

/** Whether a page has an element of that name. */
function hasAnchor(file: string, name: string): boolean {
  return readFileSync(file, "utf8").includes(` id="${name}"`);
}

/** The links of all built pages that lead to no page of the site, or to no place on it. Other sites are not asked. */
export function brokenLinks(): string[] {
  const pages = readdirSync(built, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".html") && file !== "404.html",
  );
  return pages.flatMap((page) => {
    const html = readFileSync(join(built, page), "utf8");
    const own = new URL(page.replace(/(index)?\.html$/, ""), "http://site/");
    return [...html.matchAll(/<a\s[^>]*\bhref="([^"]+)"/g)]
      .map(([, href]) => href!.replaceAll("&amp;", "&"))
      .filter((href) => {
        const target = new URL(href, own);
        if (target.origin !== own.origin) return false;
        const file = fileOf(target.pathname);
        return (
          file === undefined ||
          (target.hash !== "" && !hasAnchor(file, decodeURIComponent(target.hash.slice(1))))
        );
      })
      .map((href) => `${page}: ${href}`);
  });
}
