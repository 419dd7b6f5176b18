import { defineConfig } from "tsdown";

export default defineConfig({
  entry: "src/index.ts",
  format: "esm",
  platform: "neutral",
  dts: true,
  sourcemap: true,
  // A module each, so that bundlers leave out the reader of CSV files where a program reads none.
  unbundle: true,
});
