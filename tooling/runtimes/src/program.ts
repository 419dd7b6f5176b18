import { fit } from "@thalweg/browser/programs/fit";
import { resume } from "@thalweg/browser/programs/resume";
import { train } from "@thalweg/browser/programs/train";
import { Linear, loadCheckpoint, saveCheckpoint } from "thalweg";

/**
 * The work that every runtime has to do, to the same bits: a loop of small tensors, a network that is large enough for
 * WebAssembly and threads, and checkpoints, in memory and in a file.
 */
export async function program(path: string) {
  const model = new Linear(3, 2);
  await saveCheckpoint(path, { model, epoch: 3 });
  const loaded = new Linear(3, 2);
  const { epoch } = await loadCheckpoint(path, { model: loaded });
  return {
    losses: fit(20),
    network: await train(12, "wasm x2"),
    resumed: await resume(14, 8),
    saved: { epoch, isEqual: String(loaded.weight) === String(model.weight) },
  };
}
