export { type CheckpointTargets, loadCheckpoint, type RemainingParts } from "./checkpoint/load-checkpoint";
export { type CheckpointParts, saveCheckpoint } from "./checkpoint/save-checkpoint";
export type { Stateful } from "./checkpoint/stateful";
export { CheckpointError, FileError, SafetensorsError } from "./errors";
export type { SafetensorsEntry, SafetensorsHeader } from "./safetensors/header";
export { loadSafetensors, readSafetensorsHeader } from "./safetensors/load-safetensors";
export { type SafetensorsOptions, saveSafetensors } from "./safetensors/save-safetensors";
export type { ByteSource, Bytes, FilePath, FileUrl } from "./source";
