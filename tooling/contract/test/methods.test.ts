import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { expect, it } from "vitest";
import { methodTexts } from "../src/methods";

it.each(methodTexts().map(({ file, text }) => [basename(file), file, text]))(
  "%s declares methods like their functions (run `pnpm methods`)",
  (_, file, text) => {
    // Imports and line breaks are up to the formatter.
    const bare = (text: string) => text.slice(text.indexOf("/** The ")).replaceAll(/[\s,;|]/g, "");
    expect(bare(readFileSync(file, "utf8"))).toBe(bare(text));
  },
);
