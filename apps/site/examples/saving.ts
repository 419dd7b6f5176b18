import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Adam,
  DataLoader,
  defaultGenerator,
  Linear,
  loadCheckpoint,
  loadSafetensors,
  randn,
  readSafetensorsHeader,
  StepLR,
  saveCheckpoint,
  saveSafetensors,
  TensorDataset,
} from "thalweg";

const folder = mkdtempSync(join(tmpdir(), "saving-"));
const model = new Linear(8, 1);

{
  // #region weights
  const bytes = saveSafetensors(model.stateDict(), {
    metadata: { note: "before training" },
  });
  const copy = new Linear(8, 1);
  copy.loadStateDict(loadSafetensors(bytes)); // → {"missing":[],"unexpected":[]}
  readSafetensorsHeader(bytes).metadata.note; // → "before training"
  // #endregion weights

  const path = join(folder, "model.safetensors");
  // #region file
  saveSafetensors(model.stateDict(), path);
  copy.loadStateDict(loadSafetensors(path));
  readSafetensorsHeader(path).tensors.weight!.shape; // → [1,8]
  // #endregion file
}

{
  const path = join(folder, "run.safetensors");
  // #region checkpoint
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const scheduler = new StepLR(optimizer, { stepSize: 10 });
  const loader = new DataLoader(new TensorDataset(randn([64, 8])), {
    batchSize: 16,
    shuffle: true,
  });
  const parts = {
    model,
    optimizer,
    scheduler,
    loader,
    generator: defaultGenerator,
  };

  await saveCheckpoint(path, {
    ...parts,
    epoch: 3,
    settings: { lr: 0.01 },
  });
  const { epoch, settings } = await loadCheckpoint<{
    epoch: number;
    settings: { lr: number };
  }>(path, parts);
  [epoch, settings.lr]; // → [3,0.01]
  // #endregion checkpoint
}

{
  // #region own-state
  class Average {
    sum = 0;
    count = 0;
    stateDict() {
      return { sum: this.sum, count: this.count };
    }
    loadStateDict(state: { sum: number; count: number }) {
      Object.assign(this, state);
    }
  }
  const loss = Object.assign(new Average(), { sum: 6, count: 3 });
  const bytes = await saveCheckpoint({ model, loss });
  const loaded = new Average();
  await loadCheckpoint(bytes, { model, loss: loaded });
  loaded.sum / loaded.count; // → 2
  // #endregion own-state
}
