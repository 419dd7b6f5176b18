import { defineConfig } from "tsdown";

export default defineConfig({
  entry: "src/index.ts",
  format: "esm",
  platform: "neutral",
  dts: true,
  sourcemap: true,
  // One module each, so that bundlers leave out the CSV reader if a program does not use it.
  unbundle: true,
});
