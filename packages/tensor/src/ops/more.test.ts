import { describe, expect, it } from "vitest";
import {
  add,
  allClose,
  arange,
  argsort,
  bernoulli,
  blockDiag,
  broadcastTensors,
  copysign,
  diag,
  diagEmbed,
  diff,
  div,
  dropout,
  dropout2d,
  equal,
  floorDivide,
  Generator,
  interpolate,
  isClose,
  logit,
  meshgrid,
  movedim,
  ones,
  prelu,
  rot90,
  round,
  softshrink,
  sub,
  tensor,
  tensorSplit,
  trace,
  trilIndices,
  unflatten,
  zeros,
} from "../index";

const x = arange(6).reshape([2, 3]);

it("argsort keeps the order of equal elements, puts NaN last, and knows rank 0", () => {
  expect(argsort(tensor([2, Number.NaN, 1, 2])).toArray()).toEqual([2, 0, 3, 1]);
  expect(argsort(tensor([2, 1, 2]), 0, { descending: true }).toArray()).toEqual([0, 2, 1]);
  expect(argsort(tensor(7))).toMatchObject({ shape: [], dtype: "int32" });
});

describe("wrong arguments", () => {
  it.each<[string, () => unknown]>([
    ["argsort: dim 2 does not exist, the tensor has 2 dimensions", () => argsort(x, 2)],
    [
      'isClose: operands differ in type, float32 and int32; convert one with .to("float32")',
      () => isClose(x, x.to("int32")),
    ],
    [
      'equal: operands differ in type, float32 and bool; convert one with .to("float32")',
      () => equal(x, x.to("bool")),
    ],
    [
      "allClose: rtol must be a number from 0 on, got -1; call it as allClose(a, b, { rtol?, atol?, equalNan? })",
      () => allClose(x, x, { rtol: -1 }),
    ],
    [
      'div: roundingMode must be "floor" or "trunc" or null, got "ceil"; call it as div(a, b, { roundingMode? })',
      () => div(x, 2, { roundingMode: "ceil" as "floor" }),
    ],
    [
      'add: there is no option "alph"; did you mean alpha? options: alpha',
      () => add(x, 2, { alph: 1 } as object),
    ],
    [
      'sub: bool has no subtraction; use ne or logicalNot, or convert with .to("int32")',
      () => sub(x.gt(1), 2, { alpha: 2 }),
    ],
    [
      'round: needs floating point numbers, got int32; convert it with .to("float32")',
      () => round(tensor([15], { dtype: "int32" }), { decimals: -1 }),
    ],
    [
      "softshrink: lambd must be a number from 0 on, got -1; call it as softshrink(x, lambd?)",
      () => softshrink(x, -1),
    ],
    [
      "prelu: the weight does not fit, [2] and [2, 3]; give one number, or one for each channel",
      () => prelu(x, ones([2])),
    ],
    [
      "movedim: dims [0, 0] cannot move to [0, 1]; name as many places as dimensions, each once",
      () => movedim(x, [0, 0], [0, 1]),
    ],
    ["unflatten: no sizes for dim 1 of shape [2, 3]; give one at least", () => unflatten(x, 1, [])],
    ["rot90: both dims are 1, shape [2, 3]; name two different dimensions", () => rot90(x, 1, [1, -1])],
    ["diag: needs a vector or a matrix, got shape [1, 1, 1]; select one first", () => diag(zeros([1, 1, 1]))],
    [
      "diagEmbed: dim -2 does not exist, the tensor has 1 dimension; use a dim from -1 to 0",
      () => diagEmbed(tensor(1)),
    ],
    [
      "diagEmbed: both dims are 0, shape [2, 3]; name two different dimensions",
      () => diagEmbed(x, { dim1: 0, dim2: 0 }),
    ],
    ["trace: needs a matrix, got shape [3]; select one first", () => trace(zeros([3]))],
    [
      "tensorSplit: shape [] has no dimension; give it one, with unsqueeze(0)",
      () => tensorSplit(tensor(1), 2),
    ],
    ["diff: shape [] has no dimension; give it one, with unsqueeze(0)", () => diff(tensor(1))],
    ["meshgrid: needs vectors, got shape [2, 3]; flatten it first", () => meshgrid([x])],
    ["meshgrid: the list is empty; pass at least one vector", () => meshgrid([])],
    ["blockDiag: needs matrices, got shape [1, 1, 1]; flatten it first", () => blockDiag([zeros([1, 1, 1])])],
    [
      "broadcastTensors: shapes do not broadcast, [2, 3] and [2]; trailing dimensions must be equal or 1: reshape or unsqueeze one side",
      () => broadcastTensors([x, zeros([2])]),
    ],
    [
      "trilIndices: rows must be a whole number from 0 on, got -1; call it as trilIndices(rows, columns, { offset?, device?, dtype?, requiresGrad? })",
      () => trilIndices(-1, 2),
    ],
    [
      "dropout: p must be a number from 0 to 1, got 2; call it as dropout(x, { p?, training?, generator? })",
      () => dropout(x, { p: 2 }),
    ],
    [
      "dropout2d: needs channels of several elements, got shape [2, 3]; pass [n, c, h, w]",
      () => dropout2d(x),
    ],
    [
      'interpolate: needs floating point numbers, got int32; convert it with .to("float32")',
      () => interpolate(zeros([1, 1, 2, 2], { dtype: "int32" }), { size: 3, mode: "bilinear" }),
    ],
  ])("%s", (text, call) => {
    expect(call).toThrow(text);
  });
});

it("whole numbers are divided exactly, in their own type", () => {
  const a = tensor([2147483647, -2147483648, 2147483646, -7], { dtype: "int32" });
  const b = tensor([2, 3, -2147483647, 2], { dtype: "int32" });
  expect(floorDivide(a, b).dtype).toBe("int32");
  expect(floorDivide(a, b).toArray()).toEqual([1073741823, -715827883, -1, -4]);
  expect(div(a, b, { roundingMode: "trunc" }).toArray()).toEqual([1073741823, -715827882, 0, -3]);
});

it("copysign takes the sign of a zero", () => {
  expect(copysign(tensor([1, 2]), tensor([-0, 0])).toArray()).toEqual([-1, 2]);
  expect(copysign(tensor([1, 2], { dtype: "int32" }), -0).dtype).toBe("float32");
});

it("a number in place of options counts as none, because map passes positions to functions", () => {
  const positions = [0, 1] as unknown as object[];
  expect([1.5, 2.5].map((value, i) => round(tensor(value), positions[i]).item())).toEqual([2, 2]);
});

it("views share memory, and copies do not", () => {
  const views = [movedim(x, 0, 1), unflatten(x, 1, [3, 1]), ...tensorSplit(x, 2), ...broadcastTensors([x])];
  expect(views.every(({ storage }) => storage === x.storage)).toBe(true);
  const copies = [
    rot90(x, 0),
    rot90(x),
    diag(x),
    diff(x, 0),
    interpolate(x.reshape([1, 1, 2, 3]), { size: [2, 3] }),
  ];
  expect(copies.some(({ storage }) => storage === x.storage)).toBe(false);
});

it("logit of limits is finite with eps", () => {
  expect(logit(tensor([0, 1]), 0.25).toArray()).toEqual(logit(tensor([0.25, 0.75])).toArray());
});

describe("dropout", () => {
  it("drops the elements that bernoulli draws from the generator", () => {
    const draw = () => ({ generator: new Generator(3) });
    const kept = bernoulli([50], 0.75, draw());
    expect(dropout(ones([50]), { p: 0.25, ...draw() }).toArray()).toEqual(kept.div(0.75).toArray());
  });

  it("of channels drops all of a channel, or nothing", () => {
    const y = dropout2d(ones([8, 8, 2, 2]), { generator: new Generator(1) });
    expect(new Set(y.sum([2, 3]).dataSync())).toEqual(new Set([0, 8]));
    expect(new Set(y.dataSync())).toEqual(new Set([0, 2]));
  });

  it("returns its input where nothing is dropped", () => {
    expect(dropout(x, { p: 0 })).toBe(x);
    expect(dropout(x, { training: false })).toBe(x);
  });
});
