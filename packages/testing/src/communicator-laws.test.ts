import { describe, expect, it } from "vitest";
import { drawSamples } from "./communicator-trial";
import { communicatorLaws, type TestedCommunicator } from "./index";

/** A world of one. What several ranks can do wrong is tried where there are several, in `distributed`. */
const alone: TestedCommunicator = {
  rank: 0,
  size: 1,
  allReduce() {},
  startAllReduce: () => ({ wait() {} }),
  broadcast() {},
  allGather(own, all) {
    if (own.length !== all.length || own.constructor !== all.constructor) throw new Error("they differ");
    all.set(own);
  },
  reduceScatter(all, own) {
    if (own.length !== all.length || own.constructor !== all.constructor) throw new Error("they differ");
    own.set(all);
  },
  barrier() {},
};

/** The laws that a world of one breaks. */
function broken(change: Partial<TestedCommunicator>): string[] {
  const laws = communicatorLaws({ numRuns: 12 });
  return laws.flatMap(({ name, run }) => {
    try {
      run({ ...alone, ...change });
      return [];
    } catch {
      return [name];
    }
  });
}

const allReduce = "allReduce combines the elements of all ranks";
const gather = "allGather joins in the order of ranks";
const scatter = "reduceScatter leaves each rank its part";
const start = "startAllReduce ends in order";
const views = "neighbours of a view stay as they are";
const nothing = "empty buffers are allowed";
const refusal = "calls that differ are refused on all ranks";

describe("the laws of communicators", () => {
  it("hold for a world of one", () => {
    expect(broken({})).toEqual([]);
  });

  it("have names of their own", () => {
    const names = communicatorLaws().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining([allReduce, gather, scatter, start, views, nothing, refusal]),
    );
  });

  it("catch a rank that does not exist", () => {
    expect(broken({ rank: 1 })).toContain("a rank knows the others");
  });

  it("catch elements that are lost or changed", () => {
    expect(broken({ allGather() {} })).toEqual(expect.arrayContaining([gather, views, refusal]));
    expect(broken({ reduceScatter() {} })).toEqual(expect.arrayContaining([scatter, refusal]));
    const increase = (elements: { [i: number]: number; readonly length: number }) => {
      if (elements.length > 0) elements[0] = elements[0]! * 2 + 1;
    };
    expect(broken({ allReduce: increase })).toEqual([allReduce, nothing, views, refusal]);
    expect(broken({ broadcast: increase })).toEqual(["broadcast copies from each root", views]);
    const work = { wait() {} };
    expect(
      broken({
        startAllReduce(buffer) {
          increase(buffer);
          return work;
        },
      }),
    ).toEqual([start, views]);
  });

  it("catch what is written beside a view", () => {
    const change: Partial<TestedCommunicator> = {
      allReduce: ({ buffer, byteOffset }) => {
        if (byteOffset > 0) new Uint8Array(buffer)[byteOffset - 1]! ^= 1;
      },
    };
    expect(broken(change)).toEqual([views]);
  });

  it("name the rank, the sample and the element", () => {
    const [law] = communicatorLaws({ numRuns: 12 }).filter(({ name }) => name === allReduce);
    const wrong: TestedCommunicator = { ...alone, allReduce: (buffer) => void buffer.fill(5) };
    expect(() => law!.run(wrong)).toThrow(
      /^rank 0 of 1: (sum|max|min) of \d+ \w+ elements: element \d+ is 5 in place of -?[\d.e-]+$/,
    );
  });

  it("draw all types with all reductions, short and long, the same for one seed", () => {
    const samples = drawSamples(1, 60);
    expect(new Set(samples.map(({ type, op }) => `${type} ${op}`)).size).toBe(12);
    const lengths = samples.map(({ length }) => length);
    for (const length of [0, 1]) expect(lengths).toContain(length);
    expect(Math.max(...lengths)).toBeGreaterThan(32_768);
    expect(drawSamples(1, 60)).toEqual(samples);
    expect(drawSamples(2, 60)).not.toEqual(samples);
  });

  it("refuse options that they do not know", () => {
    expect(() => communicatorLaws({ numRuns: 0 })).toThrow("communicatorLaws: numRuns must be");
    expect(() => communicatorLaws({ seed: 0.5 })).toThrow("communicatorLaws: seed must be a whole number");
  });
});
