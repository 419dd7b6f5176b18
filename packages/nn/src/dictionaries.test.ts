import { ones, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, expectTypeOf, it } from "vitest";
import { Linear, type Module, ModuleDict, Parameter, ParameterDict, ParameterList, ReLU } from "./index";

describe("ModuleDict", () => {
  it("keeps modules by name, in the order in which they came", () => {
    const dict = new ModuleDict({ right: new Linear(2, 3), left: new ReLU() });
    expect(dict.size).toBe(2);
    expect([...dict.keys()]).toEqual(["right", "left"]);
    expect([...dict].map(([name]) => name)).toEqual(["right", "left"]);
    expect([...dict.values()]).toEqual([dict.get("right"), dict.get("left")]);
    expectTypeOf(dict.get("right")).toEqualTypeOf<Linear>();
    expect([...dict.namedModules()].map(([path]) => path)).toEqual(["", "right", "left"]);
    expect(String(dict)).toContain("(right): Linear(");
    const any: ModuleDict = new ModuleDict();
    expectTypeOf(any.get("x")).toEqualTypeOf<Module | undefined>();
    expect(any.get("x")).toBeUndefined();
  });

  it("changes like a Map, and its parameters with it", () => {
    const dict = new ModuleDict<Record<string, Module>>({ a: new Linear(1, 1) });
    const [first] = dict.parameters();
    expect(dict.set("10", new Linear(1, 2)).set("a", new Linear(1, 3)).set("2", new ReLU())).toBe(dict);
    expect([...dict.keys()]).toEqual(["a", "10", "2"]);
    expect(dict.parameters()).not.toContain(first);
    expect(Object.keys(dict.stateDict())).toEqual(["a.weight", "a.bias", "10.weight", "10.bias"]);
    expect([dict.delete("10"), dict.delete("10"), dict.has("10")]).toEqual([true, false, false]);
    expect(dict.parameters()).toHaveLength(2);
    dict.clear();
    expect([dict.size, dict.parameters()]).toEqual([0, []]);
  });

  it("takes names that its own members have", () => {
    const dict = new ModuleDict({ forward: new ReLU(), training: new ReLU(), get: new ReLU() });
    expect([...dict.keys()]).toEqual(["forward", "training", "get"]);
    dict.eval();
    expect(dict.get("training").training).toBe(false);
  });

  it("refuses what is no module, and names that cannot be in a path", () => {
    const dict = new ModuleDict();
    expect(() => dict.set("a.b", new ReLU())).toThrow(
      'set: a name must be a text without dots, got "a.b"; names are parts of the paths of parameters',
    );
    expect(() => new ModuleDict({ "": new ReLU() })).toThrow(
      "ModuleDict: a name must be a text without dots",
    );
    expect(() => dict.set("a", ReLU as never)).toThrow('set: "a" must be a module, got the class ReLU');
    expect(() => new ModuleDict({ a: zeros([2]) as never })).toThrow(
      'ModuleDict: "a" must be a module, got a tensor of shape [2]',
    );
    expect(() => new ModuleDict([new ReLU()] as never)).toThrow(
      "ModuleDict: modules must be an object of values by name",
    );
    expect(() => dict.forward()).toThrow("ModuleDict: a dictionary of modules computes nothing");
    expect(dict.size).toBe(0);
  });
});

describe("ParameterDict", () => {
  it("makes parameters of tensors, which share their storage", () => {
    const own = new Parameter(ones([2]));
    const data = zeros([3]);
    const dict = new ParameterDict({ own, made: data });
    expect(dict.get("own")).toBe(own);
    expect(dict.get("made")).toBeInstanceOf(Parameter);
    expect(dict.get("made").storage).toBe(data.storage);
    expectTypeOf(dict.get("made")).toEqualTypeOf<Parameter>();
    expect([...dict.namedParameters()].map(([name]) => name)).toEqual(["own", "made"]);
    dict.set("own", tensor([5]));
    expect(dict.get("own").toArray()).toEqual([5]);
    expect(() => dict.set("x", 3 as never)).toThrow('set: "x" must be a parameter, got 3');
    expect(() => dict.forward()).toThrow("ParameterDict: a dictionary of parameters computes nothing");
  });
});

describe("ParameterList", () => {
  it("keeps parameters by position", () => {
    const list = new ParameterList([ones([2]), new Parameter(zeros([1]))]);
    expect(list.append(tensor([7]))).toBe(list);
    expect(list.length).toBe(3);
    expect(list.at(-1)!.toArray()).toEqual([7]);
    expect(list[0]).toBe(list.parameters()[0]);
    expect([...list]).toEqual(list.parameters());
    expect(Object.keys(list.stateDict())).toEqual(["0", "1", "2"]);
    expect(() => list.append(null as never)).toThrow("append: element 3 must be a parameter, got null");
    expect(() => new ParameterList([ones([1]), 2 as never])).toThrow(
      "ParameterList: element 1 must be a parameter, got 2; write new Parameter(tensor)",
    );
    expect(() => list.forward()).toThrow("ParameterList: a list of parameters computes nothing");
    expect(() => list.at(0.5)).toThrow("at: index must be a whole number, got 0.5");
  });
});
