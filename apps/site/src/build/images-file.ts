import { fileURLToPath } from "node:url";

/** The handwritten digits, as the playground fetches them. Git ignores the file. */
export const imagesFile = fileURLToPath(new URL("../../.vitepress/cache/digits.bin", import.meta.url));
