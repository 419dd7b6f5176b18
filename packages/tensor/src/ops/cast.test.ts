import { cpu } from "@thalweg/cpu";
import type { Backend } from "@thalweg/kernels";
import { DeviceError, registerBackend, setDefaultDevice } from "@thalweg/kernels";
import { describe, expect, it } from "vitest";
import { tensor, zeros } from "../create";
import "../index";

/** A second device: the CPU under another name. */
registerBackend(
  Object.create(cpu, {
    device: { value: "elsewhere" },
    dtypes: { value: ["float32"] },
  }) as Backend,
);

describe("to", () => {
  it("returns the tensor itself when type and device are the same", () => {
    const x = tensor([1]);
    expect(x.to("float32")).toBe(x);
    expect(x.to("cpu")).toBe(x);
  });

  it("converts between types, with rounding", () => {
    const x = tensor([0.1, 1 / 3], { dtype: "float64" });
    const narrow = x.to("float32");
    expect(narrow.dtype).toBe("float32");
    expect(narrow.toArray()).toEqual([Math.fround(0.1), Math.fround(1 / 3)]);
    expect(narrow.to("float64").toArray()).toEqual(narrow.toArray());
  });

  it("makes a dense copy of a view", () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ])
      .transpose(0, 1)
      .to("float64");
    expect(x.isContiguous()).toBe(true);
    expect(x.toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });

  it("moves to another device and back", () => {
    const x = tensor([1, 2]).to("elsewhere");
    expect(x.device).toBe("elsewhere");
    expect(x.add(1).device).toBe("elsewhere");
    expect(x.to("cpu").toArray()).toEqual([1, 2]);
    expect(x.toString()).toBe("tensor([1., 2.], device='elsewhere')");
  });

  it("refuses a device that does not exist or lacks the type", () => {
    expect(() => tensor([1]).to("abacus")).toThrow(DeviceError);
    expect(() => tensor([1]).to("abacus")).toThrow(
      'to: there is no device "abacus"; available: cpu, elsewhere',
    );
    expect(() => tensor([1]).to("elsewhere").to("float64")).toThrow(
      "to: elsewhere has no float64; it has float32",
    );
  });
});

describe("devices", () => {
  it("cannot be mixed", () => {
    const [here, there] = [tensor([1, 2]), tensor([1, 2], { device: "elsewhere" })];
    expect(() => here.mul(there)).toThrow(DeviceError);
    expect(() => here.mul(there)).toThrow(
      'mul: operands are on different devices, cpu and elsewhere; move one with .to("elsewhere")',
    );
    expect(() => there.copy_(here)).toThrow(
      'copy_: operands are on different devices, elsewhere and cpu; move one with .to("elsewhere")',
    );
  });

  it("can be the default for new tensors", () => {
    setDefaultDevice("elsewhere");
    try {
      expect(zeros([1]).device).toBe("elsewhere");
      expect(zeros([1], { device: "cpu" }).device).toBe("cpu");
    } finally {
      setDefaultDevice("cpu");
    }
    expect(zeros([1]).device).toBe("cpu");
    expect(() => setDefaultDevice("abacus")).toThrow('setDefaultDevice: there is no device "abacus"');
  });
});
