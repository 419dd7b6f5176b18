import type { Start } from "../contestant";
import type { ScriptId } from "../roster";

/** One file for each library, loaded where it runs. */
export const starts: Record<ScriptId, () => Promise<Start>> = {
  thalweg: async () => (await import("./thalweg")).start,
  blas: async () => {
    const { useBlas } = await import("@thalweg/blas");
    await useBlas();
    return starts.thalweg();
  },
  "jax-js": async () => (await import("./jax-js")).start,
  tfjs: async () => (await import("./tfjs")).start,
};
