/** Makes more operations methods of every tensor. Without this import they are functions alone, which bundlers can drop. */
// What the entries share is one chunk, because this one needs all of the other.
import "./index";

import { defineMethods } from "./define-methods";
import { moreOperations } from "./more-functions";
import type { MoreMethods } from "./more-methods";

export type { MoreMethods };

defineMethods(moreOperations);

declare module "./methods" {
  interface TensorMethods extends MoreMethods {
    add: MoreMethods["add"];
    embedding: MoreMethods["embedding"];
    div: MoreMethods["div"];
    round: MoreMethods["round"];
    sub: MoreMethods["sub"];
  }
}
