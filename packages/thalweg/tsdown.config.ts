import { defineConfig } from "tsdown";

export default defineConfig({
  entry: ["src/index.ts", "src/methods.ts", "src/webgpu.ts"],
  format: "esm",
  platform: "neutral",
  dts: true,
  sourcemap: true,
});
