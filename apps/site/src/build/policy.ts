import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The headers of every answer, in the format that static hosts read. */
export const headersFile = "_headers";

const inlineScript = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g;

/** The hashes of the scripts that a page contains. */
function hashes(html: string): string[] {
  return [...html.matchAll(inlineScript)].map(
    ([, script]) => `'sha256-${createHash("sha256").update(script!).digest("base64")}'`,
  );
}

/**
 * What a page may load: its own files, and nothing from elsewhere. Scripts may not be made from text; WebAssembly may.
 * Workers from a `blob:` are the library's threads and the programs that a reader edits.
 */
function policy(scripts: Iterable<string>): string {
  return [
    "default-src 'none'",
    ["script-src 'self' 'wasm-unsafe-eval'", ...scripts].join(" "),
    "worker-src 'self' blob:",
    "connect-src 'self'",
    // Vue and Shiki set attributes of style.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** Writes the policy into every page, where it holds on any host, and the headers for hosts that send them. */
export async function writePolicies(folder: string): Promise<void> {
  const files = await readdir(folder, { recursive: true });
  const scripts = new Set<string>();
  for (const file of files.filter((name) => name.endsWith(".html"))) {
    const path = join(folder, file);
    const html = await readFile(path, "utf8");
    const own = new Set(hashes(html));
    for (const hash of own) scripts.add(hash);
    const meta = `<meta http-equiv="Content-Security-Policy" content="${policy(own)}">`;
    await writeFile(path, html.replace('<meta charset="utf-8">', `$&\n    ${meta}`));
  }
  const headers = [
    `Content-Security-Policy: ${policy(scripts)}; frame-ancestors 'none'`,
    "Cross-Origin-Opener-Policy: same-origin",
    "Cross-Origin-Embedder-Policy: require-corp",
    "Cross-Origin-Resource-Policy: same-origin",
    "Referrer-Policy: no-referrer",
    "X-Content-Type-Options: nosniff",
  ];
  await writeFile(join(folder, headersFile), ["/*", ...headers.map((line) => `  ${line}`), ""].join("\n"));
}
