import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { methodsText, target } from "../src/methods";

it("methods of Tensor are declared as the functions are: else run `pnpm methods`", () => {
  // Imports, and how lines are broken, are the formatter's.
  const bare = (text: string) => text.slice(text.indexOf("/** The operations")).replaceAll(/[\s,;|]/g, "");
  expect(bare(readFileSync(target, "utf8"))).toBe(bare(methodsText()));
}, 30_000);
