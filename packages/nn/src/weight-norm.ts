import { noGrad } from "@thalweg/autograd";
import { norm, ShapeError, type Tensor } from "@thalweg/tensor";
import { count, either, formatShape, oneOf, operation, optional, string } from "@thalweg/tensor/internal";
import type { Module } from "./module";
import { Parameter } from "./parameter";
import { moduleKind, parameterNamed, registering, reparametrize, undo } from "./reparametrization";

const op = "weightNorm";

/** The norm along all dimensions but one, with extent 1; along all for null. */
function normExcept(x: Tensor, dim: number | null): Tensor {
  if (dim === null) return norm(x);
  const dims = x.shape.flatMap((_, d) => (d === dim ? [] : [d]));
  return dims.length === 0 ? x.abs() : norm(x, dims, { keepDim: true });
}

/**
 * Computes a parameter of a module before every `forward`, from its length and direction: g·v/‖v‖ (Salimans and Kingma,
 * 2016). The parameters `weight_g` and `weight_v` take its place, under these names as properties and in state dicts; `weight`
 * is a tensor that is computed of them. Optimizers are made afterwards.
 *
 * @param name the property of the parameter; `"weight"` unless given
 * @param dim the dimension whose positions have a length each, or null for one length of all; 0 unless given
 * @returns the module
 * @throws ThalwegError when there is no such parameter, or it is computed already.
 * @example
 * const layer = weightNorm(new Linear(2, 3));
 * Object.keys(layer.stateDict()); // → ["bias","weight_g","weight_v"]
 * layer.forward(ones([4, 2])).shape; // → [4,3]
 */
export const weightNorm: <M extends Module>(module: M, name?: string, dim?: number | null) => M =
  /* @__PURE__ */ operation(
    op,
    {
      module: moduleKind,
      name: /* @__PURE__ */ optional(string),
      dim: /* @__PURE__ */ optional(/* @__PURE__ */ either(count, /* @__PURE__ */ oneOf(null))),
    },
    <M extends Module>(module: M, name = "weight", dim: number | null = 0): M => {
      const weight = parameterNamed(op, module, name);
      if (dim !== null && dim >= weight.ndim) {
        throw new ShapeError(
          op,
          `"${name}" has no dim ${dim}, its shape is ${formatShape(weight.shape)}`,
          "give one of its dimensions, or null",
          [weight.shape],
        );
      }
      const own = registering(module);
      const [g, v] = ["g", "v"].map((part) => `${own.stateKey(name)}_${part}`) as [string, string];
      const read = (part: string) => Reflect.get(module, part) as Parameter;
      reparametrize(module, name, {
        op,
        parts: [g, v],
        compute: () => read(v).mul(read(g).div(normExcept(read(v), dim))),
      });
      own.registerParameter(g, new Parameter(noGrad(() => normExcept(weight, dim))));
      own.registerParameter(v, new Parameter(weight));
      return module;
    },
  );

/**
 * Undoes {@link weightNorm}: the parameter has the value that was computed last, and is a new one.
 *
 * @param name the property of the parameter; `"weight"` unless given
 * @throws ThalwegError when that was not applied to it.
 */
export const removeWeightNorm: <M extends Module>(module: M, name?: string) => M = /* @__PURE__ */ operation(
  "removeWeightNorm",
  { module: moduleKind, name: /* @__PURE__ */ optional(string) },
  <M extends Module>(module: M, name = "weight"): M => {
    undo("removeWeightNorm", op, module, name);
    return module;
  },
);
