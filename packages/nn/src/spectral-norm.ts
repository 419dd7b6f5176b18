import { noGrad } from "@thalweg/autograd";
import { matmul, norm, randn, ShapeError, sum, type Tensor } from "@thalweg/tensor";
import {
  aboveZero,
  count,
  formatShape,
  operation,
  optional,
  options as optionsOf,
  positive,
  string,
} from "@thalweg/tensor/internal";
import type { Module } from "./module";
import { moduleKind, parameterNamed, registering, reparametrize, undo } from "./reparametrization";

/** Options of {@link spectralNorm}. */
export interface SpectralNormOptions {
  /** Steps of the power iteration before every `forward` in training; 1 unless given. */
  readonly nPowerIterations?: number;
  /** The least length of a vector that is divided by its length; 1e-12 unless given. */
  readonly eps?: number;
  /** The dimension of the outputs; 1 for transposed convolutions, 0 for others, unless given. */
  readonly dim?: number;
}

const op = "spectralNorm";

/** The weight as a matrix [outputs, rest]. */
function matrixOf(weight: Tensor, dim: number): Tensor {
  const others = weight.shape.flatMap((_, d) => (d === dim ? [] : [d]));
  return weight.permute([dim, ...others]).reshape([weight.shape[dim]!, weight.size / weight.shape[dim]!]);
}

const unit = (x: Tensor, eps: number): Tensor => x.div(norm(x).clamp(eps));

/** Moves u and v towards the singular vectors of the largest singular value, in place. */
function iterate(matrix: Tensor, u: Tensor, v: Tensor, steps: number, eps: number): void {
  noGrad(() => {
    for (let i = 0; i < steps; i++) {
      v.copy_(unit(matmul(matrix.transpose(0, 1), u), eps));
      u.copy_(unit(matmul(matrix, v), eps));
    }
  });
}

/**
 * Divides a parameter of a module by its largest singular value, before every `forward` (Miyato et al., 2018). Power iteration
 * estimates that value, and goes on at every `forward` in training. The parameter becomes `weight_orig`, and `weight_u` and
 * `weight_v` are buffers, under these names as properties and in state dicts; `weight` is a tensor that is computed of them.
 *
 * @param name the property of the parameter; `"weight"` unless given
 * @returns the module
 * @throws ThalwegError when there is no such parameter, or it is computed already, ShapeError when it is not a matrix at least.
 * @example
 * const layer = spectralNorm(new Linear(2, 3));
 * Object.keys(layer.stateDict()); // → ["bias","weight_orig","weight_u","weight_v"]
 * layer.forward(ones([4, 2])).shape; // → [4,3]
 */
export const spectralNorm: <M extends Module>(module: M, name?: string, options?: SpectralNormOptions) => M =
  /* @__PURE__ */ operation(
    op,
    {
      module: moduleKind,
      name: /* @__PURE__ */ optional(string),
      options: /* @__PURE__ */ optionsOf<SpectralNormOptions>({
        nPowerIterations: positive,
        eps: aboveZero,
        dim: count,
      }),
    },
    <M extends Module>(module: M, name = "weight", options: SpectralNormOptions = {}): M => {
      const weight = parameterNamed(op, module, name);
      const isTransposed = module.$own?.name.startsWith("ConvTranspose") === true;
      const { nPowerIterations = 1, eps = 1e-12, dim = isTransposed ? 1 : 0 } = options;
      if (weight.ndim < 2 || dim >= weight.ndim || weight.size === 0) {
        throw new ShapeError(
          op,
          `"${name}" is no matrix along dim ${dim}, its shape is ${formatShape(weight.shape)}`,
          "it needs two dimensions at least, none of them empty",
          [weight.shape],
        );
      }
      const own = registering(module);
      const [orig, u, v] = ["orig", "u", "v"].map((part) => `${own.stateKey(name)}_${part}`) as [
        string,
        string,
        string,
      ];
      const read = (part: string) => Reflect.get(module, part) as Tensor;
      reparametrize(module, name, {
        op,
        parts: [orig, u, v],
        compute(isTraining) {
          const matrix = matrixOf(read(orig), dim);
          if (isTraining) iterate(matrix, read(u), read(v), nPowerIterations, eps);
          // Copies, because the next `forward` changes them, which may come before the gradient.
          const [left, right] = [read(u).clone(), read(v).clone()];
          return read(orig).div(sum(left.mul(matmul(matrix, right))));
        },
      });
      const place = { dtype: weight.dtype, device: weight.device };
      const height = weight.shape[dim]!;
      own.registerParameter(orig, weight);
      own.registerBuffer(u, unit(randn([height], place), eps));
      own.registerBuffer(v, unit(randn([weight.size / height], place), eps));
      return module;
    },
  );

/**
 * Undoes {@link spectralNorm}: the parameter has the value that was computed last, and is a new one.
 *
 * @param name the property of the parameter; `"weight"` unless given
 * @throws ThalwegError when that was not applied to it.
 */
export const removeSpectralNorm: <M extends Module>(module: M, name?: string) => M =
  /* @__PURE__ */ operation(
    "removeSpectralNorm",
    { module: moduleKind, name: /* @__PURE__ */ optional(string) },
    <M extends Module>(module: M, name = "weight"): M => {
      undo("removeSpectralNorm", op, module, name);
      return module;
    },
  );
