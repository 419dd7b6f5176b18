export { allGatherBytes, onRankZero } from "./bytes";
export type { Communicator, Elements, ReduceOp, Work } from "./communicator";
export { DataParallel, type DataParallelOptions } from "./data-parallel/data-parallel";
export { DistributedError } from "./distributed-error";
export { type InProcessOptions, inProcess, join, type Seat } from "./in-process/in-process";
export { type InitOptions, init } from "./init";
export { reshard, type Shard, type ShardOptions, type ShardState, shard } from "./shard";
export { SyncBatchNorm1d, SyncBatchNorm2d, type SyncBatchNormOptions } from "./sync-batch-norm";
