// The package does not export where its executable is.
const typescript = import.meta.resolve("typescript/package.json");
const { default: getExePath } = await import(new URL("lib/getExePath.js", typescript).href);

/**
 * How a package is built: ES modules for every platform, and declarations by TypeScript's native compiler, which takes a
 * third of the time.
 *
 * @param {import("tsdown").UserConfig} [options] what the package has otherwise
 * @returns {import("tsdown").UserConfig}
 */
export const library = (options) => ({
  entry: "src/index.ts",
  format: "esm",
  platform: "neutral",
  dts: { tsgo: { path: getExePath() } },
  sourcemap: true,
  ...options,
});
