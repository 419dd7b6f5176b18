import { kind } from "@thalweg/tensor/internal";
import type { Communicator } from "./communicator";

/** The argument for a communicator. */
export const communicator = kind("a communicator", (value) => {
  const { rank, size, allReduce } = Object(value) as Partial<Communicator>;
  return typeof rank === "number" && typeof size === "number" && typeof allReduce === "function";
});
