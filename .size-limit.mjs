/** The WebAssembly tier is a chunk that bundlers split off and that the first large tensor fetches. */
const lazy = "./wasm-accelerator-*";
const gzip = { gzip: true, brotli: false };
const loops = "tooling/packaging/loops";

/**
 * The first two are what a program pays for what it uses: they stay as they are when the library grows. The others are the size of all of
 * it, so that nothing is added by accident: what adds to it raises them.
 */
export default [
  { name: "the loop of the README", path: `${loops}/umbrella.ts`, limit: "55 kB", ignore: [lazy], ...gzip },
  { name: "the same loop, compiled", path: `${loops}/compiled.ts`, limit: "80 kB", ignore: [lazy], ...gzip },
  {
    name: "everything but compile, without what is fetched when it is needed",
    path: `${loops}/without-compile.ts`,
    import: "*",
    limit: "177.6 kB",
    ignore: [lazy],
    ...gzip,
  },
  {
    name: "everything but compile",
    path: `${loops}/without-compile.ts`,
    import: "*",
    limit: "204.1 kB",
    ...gzip,
  },
];
