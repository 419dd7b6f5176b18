import { GradientError, tensor } from "@thalweg/tensor";
import { describe, expect, expectTypeOf, it } from "vitest";
import { enableGrad, isGradEnabled, noGrad } from "./index";

const leaf = (data: number[]) => tensor(data, { requiresGrad: true });

describe("noGrad", () => {
  it("records nothing inside, and returns what the body returns", () => {
    const x = leaf([1]);
    const y = noGrad(() => x.mul(2));
    expect(y).toMatchObject({ requiresGrad: false, isLeaf: true });
    expect(noGrad(() => "done")).toBe("done");
    expectTypeOf(noGrad(() => 1)).toEqualTypeOf<number>();
    expect(x.mul(2).requiresGrad).toBe(true);
  });

  it("lets leaves that require grad be written to", () => {
    const x = leaf([1, 2]);
    noGrad(() => x.sub_(tensor([1, 1])));
    expect(x.toArray()).toEqual([0, 1]);
    expect(x).toMatchObject({ requiresGrad: true, isLeaf: true });
  });

  it("still makes leaves that require grad when asked to", () => {
    expect(noGrad(() => leaf([1])).requiresGrad).toBe(true);
  });
});

describe("nested modes", () => {
  it("are restored one by one", () => {
    expect(isGradEnabled()).toBe(true);
    noGrad(() => {
      expect(isGradEnabled()).toBe(false);
      enableGrad(() => {
        expect(isGradEnabled()).toBe(true);
        noGrad(() => expect(isGradEnabled()).toBe(false));
        expect(isGradEnabled()).toBe(true);
      });
      expect(isGradEnabled()).toBe(false);
    });
    expect(isGradEnabled()).toBe(true);
  });

  it("are restored when the body throws", () => {
    const fail = () => {
      throw new Error("from inside");
    };
    expect(() => noGrad(fail)).toThrow("from inside");
    expect(isGradEnabled()).toBe(true);
    noGrad(() => {
      expect(() => enableGrad(fail)).toThrow("from inside");
      expect(isGradEnabled()).toBe(false);
    });
  });

  it("let a computation inside of noGrad be recorded", () => {
    const x = leaf([3]);
    noGrad(() => {
      const loss = enableGrad(() => x.square().sum());
      loss.backward();
    });
    expect(x.grad!.toArray()).toEqual([6]);
  });
});

describe("an asynchronous body", () => {
  it.each([
    ["noGrad", noGrad],
    ["enableGrad", enableGrad],
  ])("is refused by %s, which cannot follow it", (name, mode) => {
    expect(() => mode(async () => 1)).toThrow(GradientError);
    expect(() => mode(async () => 1)).toThrow(
      `${name}: the body is asynchronous, it would go on after the mode was left; ` +
        `await first, then call ${name} around the synchronous part`,
    );
    expect(isGradEnabled()).toBe(true);
  });
});
