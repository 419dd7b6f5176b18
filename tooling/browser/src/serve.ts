import { join } from "node:path";
import { build, createServer, type InlineConfig, preview } from "vite";

/** A page's server: its address, and a function that ends it. */
export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves a page with some headers. */
export type Serve = (root: string, headers: Record<string, string>) => Promise<Site>;

const config = (root: string): InlineConfig => ({
  root,
  configFile: false,
  logLevel: "error",
  worker: { format: "es" },
  build: {
    outDir: join(root, "../dist"),
    emptyOutDir: true,
    target: "esnext",
    chunkSizeWarningLimit: 10_000,
  },
});

/** Makes the production build of the page in folder `root`, from the built packages. */
export async function buildPage(root: string): Promise<void> {
  await build({ ...config(root), mode: "production" });
}

/** Serves the production build. */
export const serve: Serve = async (root, headers) => {
  const server = await preview({ ...config(root), preview: { port: 0, headers } });
  return { url: server.resolvedUrls!.local[0]!, close: () => server.close() };
};

/** Serves the page for development: every module separately, without a bundle. */
export const serveSources: Serve = async (root, headers) => {
  const server = await createServer({ ...config(root), server: { port: 0, headers } });
  await server.listen();
  return { url: server.resolvedUrls!.local[0]!, close: () => server.close() };
};
