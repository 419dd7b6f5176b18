/** What each package may import, besides itself and npm. */
const allowed = {
  tensor: [],
  autograd: ["tensor"],
  nn: ["tensor", "autograd"],
  losses: ["tensor", "autograd"],
  optim: ["tensor", "autograd"],
  data: ["tensor", "autograd"],
  io: ["tensor", "autograd"],
  testing: ["tensor", "autograd", "optim"],
  thalweg: ["tensor", "autograd", "nn", "losses", "optim", "data", "io"],
};

const layers = Object.entries(allowed).map(([name, below]) => ({
  name: `${name}-imports-only-what-is-below`,
  severity: "error",
  from: { path: `^packages/${name}/` },
  to: { path: "^(packages|apps|tooling)/", pathNot: `^packages/(${[name, ...below].join("|")})/` },
}));

const test = "\\.test\\.ts$";
const built = "^(packages|apps|tooling)/[^/]+/dist/";
const tensor = "^packages/tensor/src";

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
      name: "nothing-imports-apps",
      severity: "error",
      from: { pathNot: "^apps/" },
      to: { path: "^apps/" },
    },
    {
      name: "packages-are-entered-by-name",
      severity: "error",
      from: { path: "^((packages|apps|tooling)/[^/]+)/" },
      to: { path: "^(packages|apps|tooling)/", pathNot: "^$1/", dependencyTypes: ["local"] },
    },
    ...["layout", "scalar"].map((folder) => ({
      name: `tensor-${folder}-imports-nothing`,
      severity: "error",
      from: { path: `${tensor}/${folder}/`, pathNot: test },
      to: { pathNot: `${tensor}/(${folder}/|errors\\.ts$)` },
    })),
    {
      name: "tensor-backends-stand-alone",
      severity: "error",
      from: { path: `${tensor}/backend/([^/]+)/`, pathNot: test },
      to: {
        path: tensor,
        pathNot: `${tensor}/(backend/$1/|backend/[^/]+\\.ts$|layout/|scalar/|errors\\.ts$)`,
      },
    },
    {
      name: "webgpu-is-entered-by-its-own-door",
      severity: "error",
      from: { path: `${tensor}/`, pathNot: [test, `${tensor}/(backend/webgpu/|webgpu(-node)?\\.ts$)`] },
      to: { path: `${tensor}/backend/webgpu/` },
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
      to: { couldNotResolve: true },
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
