/** The WebAssembly tier is a chunk that bundlers split off and that the first large tensor fetches. */
const lazy = "./wasm-accelerator-*";
const gzip = { gzip: true, brotli: false };

export default [
  {
    name: "the loop of the README",
    path: "tooling/packaging/loops/umbrella.ts",
    limit: "55 kB",
    ignore: [lazy],
    ...gzip,
  },
  {
    name: "everything, without what is fetched when it is needed",
    path: "packages/thalweg/dist/index.js",
    import: "*",
    limit: "120 kB",
    ignore: [lazy],
    ...gzip,
  },
  {
    name: "everything",
    path: "packages/thalweg/dist/index.js",
    import: "*",
    limit: "146.2 kB",
    ...gzip,
  },
];
