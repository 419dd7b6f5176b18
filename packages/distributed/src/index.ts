export type { Communicator, Elements, ReduceOp, Work } from "./communicator";
export { DistributedError } from "./distributed-error";
