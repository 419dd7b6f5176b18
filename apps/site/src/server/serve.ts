import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sirv from "sirv";
import { headersFile } from "../build/policy";

/** The folder of the production build. */
export const built = fileURLToPath(new URL("../../dist", import.meta.url));

/** A server of the site. */
export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

/** The headers that the build wrote for all answers. */
export function builtHeaders(): Record<string, string> {
  const lines = readFileSync(join(built, headersFile), "utf8").split("\n").slice(1, -1);
  return Object.fromEntries(
    lines.map((line) => {
      const [name, ...value] = line.trim().split(": ");
      return [name!, value.join(": ")];
    }),
  );
}

/** Serves the production build on this machine. Port 0 is any free one. */
export async function serve(port = 0, headers = builtHeaders()): Promise<Served> {
  const files = sirv(built, {
    etag: true,
    setHeaders: (response, path) => {
      // Names of assets contain hashes of what is in them.
      if (path.startsWith("/assets/"))
        response.setHeader("Cache-Control", "public, max-age=31536000, immutable");
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    },
  });
  const notFound = readFileSync(join(built, "404.html"));
  const server = createServer((request, response) =>
    files(request, response, () => {
      response.writeHead(404, { ...headers, "Content-Type": "text/html; charset=utf-8" });
      response.end(notFound);
    }),
  ).listen(port, "localhost");
  await once(server, "listening");
  const address = server.address() as AddressInfo;
  return {
    url: `http://localhost:${address.port}/`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
