import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { methodsText, target } from "../src/methods";

it("methods of Tensor are declared like their functions (run `pnpm methods`)", () => {
  // Imports and line breaks are up to the formatter.
  const bare = (text: string) => text.slice(text.indexOf("/** The operations")).replaceAll(/[\s,;|]/g, "");
  expect(bare(readFileSync(target, "utf8"))).toBe(bare(methodsText()));
});
