import { fileURLToPath } from "node:url";
import { build, createServer, type InlineConfig, preview } from "vite";

/** A server of the page, where it is, and how to end it. */
export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the page with some headers. */
export type Serve = (headers: Record<string, string>) => Promise<Site>;

const config: InlineConfig = {
  root: fileURLToPath(new URL("../page", import.meta.url)),
  configFile: false,
  logLevel: "error",
  build: { outDir: "../dist", emptyOutDir: true },
};

/** Makes the production build of the page, from the packages as they are built. */
export async function buildPage(): Promise<void> {
  await build({ ...config, mode: "production" });
}

/** Serves the production build. */
export const serve: Serve = async (headers) => {
  const server = await preview({ ...config, preview: { port: 0, headers } });
  return { url: server.resolvedUrls!.local[0]!, close: () => server.close() };
};

/** Serves the page as it is while it is developed: no bundle, every module by itself. */
export const serveSources: Serve = async (headers) => {
  const server = await createServer({ ...config, server: { port: 0, headers } });
  await server.listen();
  return { url: server.resolvedUrls!.local[0]!, close: () => server.close() };
};
