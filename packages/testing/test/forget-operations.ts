import { allOps, type Op } from "@thalweg/tensor";
import { afterAll } from "vitest";

/**
 * Removes the operations that a test file makes from the list of all operations when it ends: some are
 * wrong on purpose, and tests that iterate over the list may run in the same process.
 */
export function forgetOperations(): void {
  const list = allOps() as Op[];
  const count = list.length;
  afterAll(() => {
    list.length = count;
  });
}
