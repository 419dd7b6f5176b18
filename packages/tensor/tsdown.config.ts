import { defineConfig } from "tsdown";

export default defineConfig({
  entry: ["src/index.ts", "src/internal.ts", "src/node.ts", "src/webgpu.ts", "src/webgpu-node.ts"],
  format: "esm",
  platform: "neutral",
  dts: true,
  sourcemap: true,
  // For `Symbol.dispose`, which programs with older libraries need not know otherwise.
  banner: { dts: '/// <reference lib="esnext.disposable" />' },
});
