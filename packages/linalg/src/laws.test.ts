import { arange, type Composite, type Draw, eye, type Input, type Tensor } from "@thalweg/tensor";
import { compileLaws, opLaws } from "@thalweg/testing";
import { describe, it } from "vitest";
import {
  cholesky,
  choleskySolve,
  det,
  eigh,
  eigvalsh,
  inv,
  lstsq,
  matrixNorm,
  matrixPower,
  pinv,
  qr,
  slogdet,
  solve,
  solveTriangular,
  svd,
  svdvals,
} from ".";

/** A matrix near a diagonal one with the numbers 2, 4, 6, ..., so that its condition is good and its spectrum is simple. */
function conditioned(x: Tensor): Tensor {
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const options = { dtype: x.dtype };
  const diagonal = eye(rows, columns, options).mul(arange(1, columns + 1, options).mul(2));
  return x.mul(0.2).add(diagonal);
}

const symmetric = (x: Tensor): Tensor => x.add(x.transpose(-2, -1)).mul(0.5);
const diagonal = (s: Tensor): Tensor =>
  eye(s.shape.at(-1)!, undefined, { dtype: s.dtype }).mul(s.unsqueeze(-2));

const squares = (draw: Draw) => {
  const n = draw.int(0, 3);
  return [{ shape: [...draw.shape(0, 1), n, n] }];
};
const anySizes = (draw: Draw) => [{ shape: [...draw.shape(0, 1), draw.int(1, 4), draw.int(1, 4)] }];
const nonEmpty = (draw: Draw) => [{ shape: [...draw.shape(1, 1), draw.int(1, 4), draw.int(1, 4)] }];
const systems = (draw: Draw) => {
  const [n, batch] = [draw.int(1, 3), draw.shape(0, 1)];
  return [{ shape: [...batch, n, n] }, { shape: [...(draw.boolean() ? batch : []), n, draw.int(1, 3)] }];
};
const overdetermined = (draw: Draw) => {
  const [m, n] = [draw.int(1, 4), draw.int(1, 4)];
  return [{ shape: [...draw.shape(0, 1), m, n] }, { shape: [m, draw.int(1, 2)] }];
};

type Inputs = (draw: Draw) => { readonly shape: number[] }[];

/** A computation without a record of its own, which the laws draw calls of. */
const subject = (name: string, inputs: Inputs, f: (x: Tensor, y: Tensor) => Tensor): Composite => ({
  name,
  kind: "composite",
  differentiable: true,
  takes: {},
  forward: ([x, ...rest]: readonly Input[]) => f(conditioned(x as Tensor), rest[0] as Tensor),
  sample: (draw) => ({ inputs: inputs(draw), attrs: undefined }),
});

const subjects: readonly Composite[] = [
  subject("inv", squares, inv),
  subject("det", squares, det),
  subject("log of det", squares, (x) => slogdet(x).logabsdet),
  subject("solve", systems, (a, b) => solve(a, b)),
  subject("solve from the right", systems, (a, b) => solve(a, b.transpose(-2, -1), { left: false })),
  subject("solveTriangular, lower", systems, (a, b) => solveTriangular(a, b, { upper: false })),
  subject("solveTriangular, unit, from the right", systems, (a, b) =>
    solveTriangular(a, b.transpose(-2, -1), { upper: true, left: false, unitriangular: true }),
  ),
  subject("cholesky", squares, (x) => cholesky(symmetric(x))),
  subject("cholesky, upper", squares, (x) => cholesky(symmetric(x), { upper: true })),
  subject("choleskySolve", systems, (a, b) => choleskySolve(b, cholesky(symmetric(a)))),
  subject("Q", anySizes, (x) => qr(x).Q),
  subject("R", anySizes, (x) => qr(x).R),
  subject("projection on the complement", anySizes, (x) => {
    const { Q } = qr(x, { mode: "complete" });
    const rest = Q.narrow(
      -1,
      Math.min(...x.shape.slice(-2)),
      Q.shape.at(-1)! - Math.min(...x.shape.slice(-2)),
    );
    return rest.matmul(rest.transpose(-2, -1));
  }),
  subject("U", anySizes, (x) => svd(x, { fullMatrices: false }).U),
  subject("S", anySizes, (x) => svd(x).S),
  subject("Vh", anySizes, (x) => svd(x, { fullMatrices: false }).Vh),
  subject("U·S·Vh", anySizes, (x) => {
    const { U, S, Vh } = svd(x, { fullMatrices: false });
    return U.matmul(diagonal(S.log())).matmul(Vh);
  }),
  subject("svdvals", anySizes, svdvals),
  subject("eigenvalues", squares, (x) => eigh(symmetric(x)).eigenvalues),
  subject("eigenvectors", squares, (x) => eigh(symmetric(x)).eigenvectors),
  subject("eigvalsh", squares, (x) => eigvalsh(symmetric(x))),
  subject("lstsq", overdetermined, (a, b) => lstsq(a, b).solution),
  subject("pinv", anySizes, (x) => pinv(x)),
  ...(["nuc", 2, -2] as const).map((p) =>
    subject(`matrixNorm ${p}`, nonEmpty, (x) => matrixNorm(x, { p, dim: [-1, -2], keepDim: true })),
  ),
  subject("matrixPower", squares, (x) => matrixPower(x, -3)),
];

for (const one of subjects) {
  describe(one.name, () => {
    for (const law of opLaws(one, { numRuns: 8 })) it(law.name, law.run);
    for (const law of compileLaws(one, { numRuns: 3 })) it(law.name, law.run);
  });
}
