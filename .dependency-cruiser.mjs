/** What each package may import, besides itself and npm. */
const allowed = {
  kernels: [],
  cpu: ["kernels"],
  webgpu: ["kernels"],
  tensor: ["kernels", "cpu", "webgpu"],
  autograd: ["tensor"],
  compile: ["kernels", "cpu", "tensor", "autograd"],
  nn: ["tensor", "autograd"],
  losses: ["tensor", "autograd"],
  optim: ["tensor", "autograd"],
  distributions: ["tensor", "autograd"],
  metrics: ["tensor"],
  linalg: ["tensor"],
  blas: ["tensor"],
  data: ["tensor", "autograd"],
  io: ["tensor", "autograd"],
  distributed: ["tensor", "autograd", "nn", "data"],
  train: ["tensor", "autograd", "nn", "optim", "metrics"],
  testing: ["tensor", "autograd", "nn", "optim", "compile"],
  thalweg: [
    "tensor",
    "autograd",
    "nn",
    "losses",
    "distributions",
    "linalg",
    "metrics",
    "optim",
    "compile",
    "data",
    "io",
    "train",
  ],
};

/** Tests of a backend compute with tensors, which are above it, and share helpers. */
const test = "\\.test\\.ts$|^packages/[^/]+/test/";

const layers = Object.entries(allowed).map(([name, below]) => ({
  name: `${name}-imports-only-what-is-below`,
  severity: "error",
  from: { path: `^packages/${name}/src/`, pathNot: test },
  to: { path: "^(packages|apps|tooling)/", pathNot: `^packages/(${[name, ...below].join("|")})/` },
}));
const built = "^(packages|apps|tooling)/[^/]+/dist/";
const kernels = "^packages/kernels/src";

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...layers,
    {
      name: "every-package-has-a-layer",
      severity: "error",
      from: { path: "^packages/", pathNot: `^packages/(${Object.keys(allowed).join("|")})/` },
      to: {},
    },
    {
      name: "only-benchmarks-import-apps",
      severity: "error",
      from: { pathNot: "^(apps|tooling/bench)/" },
      to: { path: "^apps/" },
    },
    {
      name: "packages-are-entered-by-name",
      severity: "error",
      from: { path: "^((packages|apps|tooling)/[^/]+)/" },
      to: {
        path: "^(packages|apps|tooling)/",
        pathNot: ["^$1/", "^packages/[^/]+/test/"],
        dependencyTypes: ["local"],
      },
    },
    ...["layout", "scalar"].map((folder) => ({
      name: `${folder}-of-kernels-imports-nothing`,
      severity: "error",
      from: { path: `${kernels}/${folder}/`, pathNot: test },
      to: { pathNot: `${kernels}/(${folder}/|errors\\.ts$)` },
    })),
    {
      name: "webgpu-is-entered-by-its-own-door",
      severity: "error",
      from: { path: "^packages/", pathNot: ["^packages/webgpu/", "^packages/tensor/src/webgpu\\.ts$"] },
      to: { path: "^packages/webgpu/src/" },
    },
    {
      name: "only-distributed-and-blas-call-libraries-of-c",
      severity: "error",
      from: { pathNot: "^packages/(distributed/src/mpi|blas)/" },
      to: { path: "(^|/)koffi(/|$)" },
    },
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "every-import-resolves",
      severity: "error",
      from: {},
      // Made by a plugin when the site is built.
      to: { couldNotResolve: true, pathNot: "^virtual:" },
    },
    {
      name: "imports-resolve-to-sources",
      severity: "error",
      from: {},
      to: { path: built },
    },
  ],
  options: {
    doNotFollow: { path: ["node_modules", built] },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@thalweg/source", "types", "import", "node", "default"],
      mainFields: ["module", "main", "types"],
    },
  },
};
