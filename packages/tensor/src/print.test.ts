import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { arange, full, tensor, zeros } from "./create";
import "./index";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

/** Removes the margin from the lines of a text. */
function lines(text: string): string {
  return text
    .split("\n")
    .filter((line) => line.includes("|"))
    .map((line) => line.slice(line.indexOf("|") + 1))
    .join("\n");
}

// The texts are those of PyTorch, except for the names of types and options.
describe("a printed tensor", () => {
  it.each([
    ["scalars", tensor(3.5), "tensor(3.5000)"],
    ["whole scalars", tensor(3), "tensor(3.)"],
    ["NaN", tensor(nan), "tensor(nan)"],
    ["vectors", tensor([1.5, -2.25]), "tensor([ 1.5000, -2.2500])"],
    ["whole numbers", tensor([1, 2, 3]), "tensor([1., 2., 3.])"],
    ["negative numbers", tensor([-1.5, 2, 3]), "tensor([-1.5000,  2.0000,  3.0000])"],
    ["one sign for all", full([2], -0.5), "tensor([-0.5000, -0.5000])"],
    ["negative zeros", tensor([0.5, -0]), "tensor([ 0.5000, -0.0000])"],
    ["numbers beside NaN and infinities", tensor([nan, infinity, 1.5]), "tensor([   nan,    inf, 1.5000])"],
    ["infinities alone", tensor([-infinity]), "tensor([-inf])"],
    ["numbers far apart", tensor([1e-5, 1]), "tensor([1.0000e-05, 1.0000e+00])"],
    ["numbers further apart", tensor([1.5, 2000]), "tensor([1.5000e+00, 2.0000e+03])"],
    ["large numbers", tensor([1e9, 0.5]), "tensor([1.0000e+09, 5.0000e-01])"],
    ["large whole numbers", tensor([2e8]), "tensor([2.0000e+08])"],
    ["long exponents", tensor([1e-10]), "tensor([1.0000e-10])"],
    ["small numbers", tensor([0.00012]), "tensor([0.0001])"],
    ["smaller numbers", tensor([0.00009]), "tensor([9.0000e-05])"],
    ["fractions of large numbers", tensor([12345.678]), "tensor([12345.6777])"],
    ["nothing", zeros([0]), "tensor([])"],
    ["one number in three brackets", zeros([1, 1, 1]), "tensor([[[0.]]])"],
  ])("shows %s", (_, x, text) => {
    expect(x.toString()).toBe(text);
  });

  it("aligns the columns of a matrix", () => {
    const x = tensor([
      [1, -2.5],
      [100, nan],
    ]);
    expect(x.toString()).toBe(
      lines(`
        |tensor([[  1.0000,  -2.5000],
        |        [100.0000,      nan]])
      `),
    );
  });

  it("separates matrices by an empty line", () => {
    expect(arange(24).reshape([2, 3, 4]).toString()).toBe(
      lines(`
        |tensor([[[ 0.,  1.,  2.,  3.],
        |         [ 4.,  5.,  6.,  7.],
        |         [ 8.,  9., 10., 11.]],
        |
        |        [[12., 13., 14., 15.],
        |         [16., 17., 18., 19.],
        |         [20., 21., 22., 23.]]])
      `),
    );
  });

  it("breaks long lines at 80 characters", () => {
    expect(arange(20).add(0.5).toString()).toBe(
      lines(`
        |tensor([ 0.5000,  1.5000,  2.5000,  3.5000,  4.5000,  5.5000,  6.5000,  7.5000,
        |         8.5000,  9.5000, 10.5000, 11.5000, 12.5000, 13.5000, 14.5000, 15.5000,
        |        16.5000, 17.5000, 18.5000, 19.5000])
      `),
    );
  });

  it("shows only the ends of more than 1000 elements", () => {
    expect(arange(1001).toString()).toBe("tensor([   0.,    1.,    2., ...,  998.,  999., 1000.])");
    expect(zeros([1000]).toString()).not.toContain("...");
    expect(arange(1200).reshape([30, 40]).toString()).toBe(
      lines(`
        |tensor([[   0.,    1.,    2., ...,   37.,   38.,   39.],
        |        [  40.,   41.,   42., ...,   77.,   78.,   79.],
        |        [  80.,   81.,   82., ...,  117.,  118.,  119.],
        |        ...,
        |        [1080., 1081., 1082., ..., 1117., 1118., 1119.],
        |        [1120., 1121., 1122., ..., 1157., 1158., 1159.],
        |        [1160., 1161., 1162., ..., 1197., 1198., 1199.]])
      `),
    );
  });

  it("chooses the format by the elements that are shown", () => {
    const x = zeros([2000]);
    x.narrow(0, 1000, 1).fill_(1e-9);
    expect(x.toString()).toBe("tensor([0., 0., 0., ..., 0., 0., 0.])");
  });

  it("shows the shape of empty tensors", () => {
    expect(zeros([0, 3]).toString()).toBe("tensor([], size=[0, 3])");
    expect(zeros([2, 2, 0]).toString()).toBe("tensor([], size=[2, 2, 0])");
  });

  it("shows the type and options that are not the default", () => {
    expect(tensor([1], { dtype: "float64" }).toString()).toBe("tensor([1.], dtype=float64)");
    expect(tensor([1], { requiresGrad: true }).toString()).toBe("tensor([1.], requiresGrad=true)");
    expect(tensor([1.5], { requiresGrad: true, dtype: "float64" }).toString()).toBe(
      "tensor([1.5000], dtype=float64, requiresGrad=true)",
    );
  });

  it("shows the elements of a view in its order", () => {
    expect(arange(6).reshape([2, 3]).transpose(0, 1).flip(0).toString()).toBe(
      lines(`
        |tensor([[2., 5.],
        |        [1., 4.],
        |        [0., 3.]])
      `),
    );
  });

  it("may have many small dimensions", () => {
    expect(() => zeros(new Array<number>(18).fill(2)).toString()).not.toThrow();
  });

  it("is what Node's console shows", () => {
    expect(inspect(tensor([1, 2]))).toBe("tensor([1., 2.])");
    expect(inspect({ x: tensor(1) })).toBe("{ x: tensor(1.) }");
    expect(`${tensor([1])}`).toBe("tensor([1.])");
  });
});
