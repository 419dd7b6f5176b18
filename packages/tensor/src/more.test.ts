import { describe, expect, it } from "vitest";
import { type Tensor, tensor } from "./index";
import { moreOperations } from "./more-functions";

const has = (name: string) => Object.hasOwn(Object.getPrototypeOf(tensor(0)) as Tensor, name);
const names = moreOperations.map(({ name }) => name);
/** These are methods without options before. */
const extended = ["add", "div", "embedding", "round", "sub"];

describe("more methods of tensors", () => {
  it("are there after an import, and not before", async () => {
    expect(names.filter(has)).toEqual(extended);
    expect(() => tensor(1).add(2, { alpha: 3 })).toThrow("add: takes 1 argument, got an object, too");
    await import("./more");
    expect(names.filter((name) => !has(name))).toEqual([]);
  });

  it("compute and refuse what their functions do", async () => {
    await import("./more");
    expect(tensor([Number.NaN, 2]).nanToNum({ nan: 1 }).toArray()).toEqual([1, 2]);
    expect(tensor(7).div(2, { roundingMode: "floor" }).item()).toBe(3);
    expect(tensor(7).add(2, { alpha: 3 }).item()).toBe(13);
    expect(() => tensor([1]).nanToNum({ posInf: 1 } as object)).toThrow(
      'nanToNum: there is no option "posInf"; did you mean posinf? options: nan, posinf, neginf',
    );
  });
});
