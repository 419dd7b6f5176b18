import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { methodTexts, targets } from "../src/methods";

const texts = methodTexts();

it.each(["methods", "functions"] as const)(
  "%s of Tensor are declared like their functions (run `pnpm methods`)",
  (which) => {
    // Imports and line breaks are up to the formatter.
    const bare = (text: string) => text.slice(text.indexOf("/** The ")).replaceAll(/[\s,;|]/g, "");
    expect(bare(readFileSync(targets[which], "utf8"))).toBe(bare(texts[which]));
  },
);
