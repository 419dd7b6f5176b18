import { describe, expect, test } from "vitest";
import { fields, initialState, type State, settingsOf } from "./fields";

const { layers, own, features, neuron } = fields;

describe("the address", () => {
  test("spells layers, of which there may be none", () => {
    for (const value of [[], [1], [8, 8, 8, 8, 8]]) expect(layers.parse(layers.format(value))).toEqual(value);
    expect(layers.format([])).toBe("none");
    for (const text of ["", "0", "9", "1.5", "x", "1_1_1_1_1_1"]) expect(layers.parse(text)).toBeUndefined();
  });

  test("spells points of the reader", () => {
    expect(own.parse(own.format(own.initial))).toEqual(own.initial);
    expect(own.parse("-1.5~2~0_0~0~1")).toEqual([
      [-1.5, 2, 0],
      [0, 0, 1],
    ]);
    const many = Array.from({ length: 301 }, () => "0~0~1").join("_");
    for (const text of ["", "0~0", "0~0~2", "4~0~1", "x~0~1", many]) expect(own.parse(text)).toBeUndefined();
  });

  test("spells features, of which there is one at least, and the neuron that is looked at", () => {
    expect(features.parse("sinX_x")).toEqual(["x", "sinX"]);
    expect(features.parse("")).toBeUndefined();
    expect(features.parse("z")).toBeUndefined();
    expect(neuron.parse("1-0")).toEqual([1, 0]);
    for (const text of ["", "1", "1--1", "a-b"]) expect(neuron.parse(text)).toBeUndefined();
  });
});

test("settings of a training leave out what it does not use", () => {
  const of = (changes: Partial<State>) => settingsOf({ ...initialState, ...changes });
  const same: Partial<State>[] = [
    { strength: 1 },
    { dropped: 0.5 },
    { own: [[0, 0, 1]] },
    { pace: "full" },
    { edges: "slopes" },
    { epoch: 7 },
  ];
  for (const changes of same) expect(of(changes)).toEqual(of({}));
  expect(of({ penalty: "l1", strength: 1 })).not.toEqual(of({ penalty: "l1" }));
  expect(of({ penalty: "dropout", dropped: 0.5 })).not.toEqual(of({ penalty: "dropout" }));
  expect(of({ data: "own", count: 20, noise: 1 })).toEqual(of({ data: "own" }));
});
