import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import type { Tarball } from "./pack.js";
import { run } from "./run.js";

interface Manifest extends Readonly<Record<string, unknown>> {
  readonly name: string;
  readonly version: string;
}

export interface Registry {
  readonly url: string;
  close(): void;
}

/** Serves packed packages like npm's registry, each in the form in which it would be published in every version. */
export async function serve(
  directory: string,
  tarballs: readonly Tarball[],
  versions: readonly string[],
  others: readonly Tarball[],
): Promise<Registry> {
  const ours = versions.map((version) => tarballs.map((tarball) => release(directory, tarball, version)));
  const published = await Promise.all([
    ...ours.flat(),
    ...others.map(async (tarball) => ({ ...tarball, manifest: await manifestOf(tarball) })),
  ]);

  const server = createServer(async ({ url = "" }, response) => {
    const tarball = published.find(({ filename }) => url === `/-/${basename(filename)}`);
    if (tarball) return response.end(await readFile(tarball.filename));
    const releases = published.filter(({ name }) => url === `/${name.replace("/", "%2f")}`);
    if (releases.length === 0) return response.writeHead(404).end("{}");
    const entries = releases.map(({ manifest, filename }) => {
      const dist = { tarball: `${registry.url}/-/${basename(filename)}` };
      return [manifest.version, { ...manifest, dist }] as const;
    });
    const latest = entries.at(-1)![0];
    response.end(
      JSON.stringify({
        name: releases[0]!.name,
        "dist-tags": { latest },
        versions: Object.fromEntries(entries),
      }),
    );
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const registry = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => void server.close(),
  };
  return registry;
}

/** The package in the form of another version, when all packages have that version. */
async function release(directory: string, tarball: Tarball, version: string) {
  const folder = join(directory, version, tarball.name);
  await mkdir(folder, { recursive: true });
  await run("tar", ["-xzf", tarball.filename, "-C", folder]);
  const path = join(folder, "package/package.json");
  const text = await readFile(path, "utf8");
  const { version: packed } = JSON.parse(text) as Manifest;
  const manifest = JSON.parse(
    text.replace(/("(?:version|@thalweg\/\w+)": "[\^~]?)([^"]+)"/g, (whole, before: string, was: string) =>
      was === packed ? `${before}${version}"` : whole,
    ),
  ) as Manifest;
  await writeFile(path, JSON.stringify(manifest));
  const filename = join(directory, `${tarball.name.replace("/", "-")}-${version}.tgz`);
  await run("tar", ["-czf", filename, "-C", folder, "package"]);
  return { name: tarball.name, filename, manifest };
}

async function manifestOf({ filename }: Tarball): Promise<Manifest> {
  return JSON.parse(await run("tar", ["-xzOf", filename, "package/package.json"])) as Manifest;
}
