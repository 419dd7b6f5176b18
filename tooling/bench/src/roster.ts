import { readFileSync } from "node:fs";
import type { Device } from "./contestant";

/** The libraries, and the packages that their versions come from. */
export const roster = {
  thalweg: { name: "Thalweg", entry: "thalweg", devices: ["cpu", "webgpu"] },
  blas: { name: "Thalweg with BLAS", entry: "@thalweg/blas", devices: ["cpu"] },
  "jax-js": { name: "jax-js", entry: "@jax-js/jax", devices: ["cpu", "webgpu"] },
  tfjs: { name: "tfjs", entry: "@tensorflow/tfjs", devices: ["cpu", "webgpu"] },
  pytorch: { name: "PyTorch", entry: null, devices: ["cpu"] },
} as const satisfies Record<string, { name: string; entry: string | null; devices: readonly Device[] }>;

export type Id = keyof typeof roster;
export type Peer = Exclude<Id, "thalweg">;
export type ScriptId = Exclude<Id, "pytorch">;

/** The libraries that Thalweg is compared with on a device. */
export function peersOn(device: Device): readonly Peer[] {
  const ids = Object.keys(roster) as Id[];
  return ids.filter((id): id is Peer => id !== "thalweg" && has(id, device));
}

function has(id: Id, device: Device): boolean {
  return (roster[id].devices as readonly Device[]).includes(device);
}

/** Read from the manifest, which not every package exports, one folder above the entry point. */
export function versionOf(id: ScriptId): string {
  const manifest = new URL("../package.json", import.meta.resolve(roster[id].entry));
  return JSON.parse(readFileSync(manifest, "utf8")).version;
}
