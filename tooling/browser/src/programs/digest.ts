import type { Tensor } from "thalweg";

/** SHA-256 of the elements of tensors, bit for bit. */
export async function digest(tensors: Iterable<Tensor>): Promise<string> {
  const elements = [...tensors].flatMap((tensor) => [...tensor.dataSync()]);
  const hash = await crypto.subtle.digest("SHA-256", new Float32Array(elements));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
