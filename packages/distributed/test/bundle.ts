import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "vite";

/** Programs for processes and workers, which start much faster from one file each than from the sources. */
export interface Bundle {
  path(name: string): string;
  remove(): Promise<void>;
}

/** Bundles programs of `test/programs` from the sources. */
export async function bundle(...names: readonly string[]): Promise<Bundle> {
  const root = fileURLToPath(new URL("..", import.meta.url));
  // Beside the packages that stay outside of it.
  const folder = `${root}node_modules/.programs-${process.pid}-${names.join("-")}`;
  await build({
    root,
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["@thalweg/source"] },
    ssr: { noExternal: true, external: ["koffi", "webgpu"], resolve: { conditions: ["@thalweg/source"] } },
    build: {
      ssr: true,
      outDir: folder,
      target: "esnext",
      minify: false,
      rollupOptions: {
        input: Object.fromEntries(names.map((name) => [name, `${root}test/programs/${name}.ts`])),
        output: { entryFileNames: "[name].mjs" },
      },
    },
  });
  return {
    path: (name) => `${folder}/${name}.mjs`,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
