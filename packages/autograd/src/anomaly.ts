import { DeviceError, GradientError, type Tensor } from "@thalweg/tensor";
import { callback, checkArguments } from "@thalweg/tensor/internal";
import type { Node } from "./node";

type Look = (node: Node, grads: readonly (Tensor | null)[]) => void;

/** The check of the gradients that a node passes on; null outside of {@link detectAnomaly}. */
export const anomaly: { look: Look | null } = { look: null };

/**
 * Runs `body` and checks the gradients that `backward` computes in it: the first one that holds a NaN is an error
 * that names the operation and shows where it was called. Slow, for debugging only. It reads every gradient, so
 * model and data have to be on the CPU.
 *
 * @throws GradientError at the first NaN, DeviceError for gradients on a device that is only read asynchronously.
 * @example
 * const x = tensor([0], { requiresGrad: true });
 * try {
 *   detectAnomaly(() => x.sqrt().mul(0).sum().backward());
 * } catch (error) {
 *   (error as Error).message.split(";")[0]; // → "backward: the gradient of sqrt holds NaN"
 * }
 */
export function detectAnomaly<T>(body: () => T): T {
  checkArguments("detectAnomaly", { body: callback }, [body]);
  const before = anomaly.look;
  anomaly.look = lookForNaN;
  try {
    return body();
  } finally {
    anomaly.look = before;
  }
}

/** Throws when a gradient that a node passes on holds a NaN. */
function lookForNaN(node: Node, grads: readonly (Tensor | null)[]): void {
  for (const grad of grads) {
    if (!grad || !holdsNaN(node, grad)) continue;
    throw new GradientError(
      "backward",
      `the gradient of ${node.name} holds NaN`,
      `it was computed here:\n${node.trace ?? "(outside of detectAnomaly)"}`,
    );
  }
}

function holdsNaN(node: Node, grad: Tensor): boolean {
  try {
    return grad.dataSync().some(Number.isNaN);
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    throw new DeviceError(
      "detectAnomaly",
      `it has to read the gradient of ${node.name} at once, which is on ${grad.device}`,
      "look for the fault with model and data on the CPU",
    );
  }
}
