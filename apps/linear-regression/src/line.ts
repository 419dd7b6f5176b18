import { tensor } from "thalweg";
import { type Problem, quality } from "./problem";

/** Four points on the line y = 2x + 1. */
export function line(): Problem {
  const x = tensor([[1], [2], [3], [4]]);
  const y = tensor([[3], [5], [7], [9]]);
  return {
    names: { coefficients: ["w"], intercept: "b" },
    target: "y",
    x,
    y,
    truth: { coefficients: [2], intercept: 1 },
    inOriginalUnits: (parameters) => parameters,
    quality: (fit) => quality([x.dataSync()], y.dataSync(), fit),
  };
}
