import * as autograd from "@thalweg/autograd";
import * as compile from "@thalweg/compile";
import * as data from "@thalweg/data";
import * as distributions from "@thalweg/distributions";
import * as io from "@thalweg/io";
import * as linalg from "@thalweg/linalg";
import * as losses from "@thalweg/losses";
import * as metrics from "@thalweg/metrics";
import * as nn from "@thalweg/nn";
import * as optim from "@thalweg/optim";
import * as tensor from "@thalweg/tensor";
import * as webgpu from "@thalweg/tensor/webgpu";
import * as train from "@thalweg/train";
import * as thalweg from "thalweg";
import * as thalwegWebGPU from "thalweg/webgpu";
import { expect, it } from "vitest";

type Exports = Readonly<Record<string, unknown>>;

function missing(whole: Exports, part: Exports): string[] {
  return Object.keys(part).filter((name) => whole[name] !== part[name]);
}

// `export *` leaves out a name that two packages export.
it.each(
  Object.entries({ autograd, compile, data, distributions, io, losses, metrics, nn, optim, tensor, train }),
)("thalweg exports every value of %s", (_, part) => {
  expect(Object.keys(part)).not.toEqual([]);
  expect(missing(thalweg, part)).toEqual([]);
});

it("thalweg exports linear algebra as a namespace, as PyTorch does", () => {
  expect(missing(thalweg.linalg, linalg)).toEqual([]);
});

it("thalweg/webgpu exports every value of tensor/webgpu", () => {
  expect(missing(thalwegWebGPU, webgpu)).toEqual([]);
});
