import { runHost } from "@thalweg/kernels";
import { Tensor } from "../tensor";

/**
 * Runs a check that reads the elements of a tensor, now and in every replay of a compiled program. Elements that are not on the CPU
 * are not checked, because reading them would wait for the device.
 */
export function checkElements(op: string, x: Tensor, check: (x: Tensor) => void): void {
  if (x.device !== "cpu" || x.size === 0) return;
  runHost(x.storage.backend, op, [], [x], (_, [view]) => check(new Tensor(view!.storage, view!.layout)));
}
