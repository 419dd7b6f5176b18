/** Makes more operations methods of every tensor. Without this import they are functions alone, which bundlers can drop. */
import { defineMethods } from "./define-methods";
import { moreOperations } from "./more-functions";
import type { MoreMethods } from "./more-methods";

export type { MoreMethods };

defineMethods(moreOperations);

declare module "./methods" {
  interface TensorMethods extends MoreMethods {}
}
