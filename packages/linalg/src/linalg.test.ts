import { grad } from "@thalweg/autograd";
import { compile } from "@thalweg/compile";
import { DTypeError, eye, ones, ShapeError, Tensor, tensor, zeros } from "@thalweg/tensor";
import { gradcheck } from "@thalweg/testing";
import { describe, expect, it } from "vitest";
import * as linalg from ".";

const {
  cholesky,
  choleskySolve,
  det,
  eigh,
  eigvalsh,
  inv,
  LinAlgError,
  lstsq,
  matrixNorm,
  matrixPower,
  matrixRank,
  pinv,
  qr,
  slogdet,
  solve,
  solveTriangular,
  svd,
  svdvals,
} = linalg;

const singular = tensor([
  [1, 2],
  [2, 4],
]);
const leaf = (data: number[][]) => tensor(data, { dtype: "float64", requiresGrad: true });

/** Functions of one square matrix. */
const ofOne = {
  inv,
  det,
  slogdet,
  cholesky,
  qr,
  svd,
  svdvals,
  eigh,
  eigvalsh,
  pinv,
  matrixRank,
  matrixNorm: (x: Tensor) => matrixNorm(x, { p: "nuc" }),
  matrixPower: (x: Tensor) => matrixPower(x, 2),
  solve: (x: Tensor) => solve(x, x),
  solveTriangular: (x: Tensor) => solveTriangular(x, x, { upper: true }),
  choleskySolve: (x: Tensor) => choleskySolve(x, x),
  lstsq: (x: Tensor) => lstsq(x, x),
};
const functions = Object.entries<(x: Tensor) => object>(ofOne);

const tensorsOf = (result: object): Tensor[] =>
  result instanceof Tensor ? [result] : (Object.values(result) as Tensor[]);

it("tests all functions", () => {
  const all = Object.entries(linalg).filter(([name]) => name !== "LinAlgError");
  expect(Object.keys(ofOne).sort()).toEqual(all.map(([name]) => name).sort());
});

describe.each(functions)("%s", (name, f) => {
  it("takes no vectors, no ints and no numbers", () => {
    expect(() => f(ones([3]))).toThrow(ShapeError);
    expect(() => f(ones([]))).toThrow(/needs a matrix.*, got shape \[\]/);
    expect(() => f(3 as unknown as Tensor)).toThrow(DTypeError);
    if (name === "matrixPower") return;
    const ints = eye(2).to("int32");
    expect(() => f(ints)).toThrow(DTypeError);
    expect(() => f(ints)).toThrow('needs floating point numbers, got int32; convert it with .to("float32")');
  });

  it("takes empty matrices and empty batches", () => {
    for (const shape of [
      [0, 0],
      [2, 0, 0],
      [0, 3, 3],
    ]) {
      for (const x of tensorsOf(f(zeros(shape))))
        expect(Array.from(x.dataSync()).every((v) => v === 0 || v === 1)).toBe(true);
    }
  });

  it("computes each matrix of a batch, in any layout", () => {
    const a = eye(3)
      .mul(4)
      .add(
        tensor([
          [0.5, 0.25, 0],
          [0.25, 1, 0.125],
          [0, 0.125, 2],
        ]),
      );
    const b = a.mul(2);
    const [batch] = [tensor([a.toArray() as number[][], b.toArray() as number[][]])];
    const strided = batch.permute([1, 2, 0]).contiguous().permute([2, 0, 1]);
    const single = [tensorsOf(f(a)), tensorsOf(f(b))];
    tensorsOf(f(strided)).forEach((found, k) => {
      if (found.size === 0) return;
      expect(found.shape[0]).toBe(2);
      for (const i of [0, 1]) expect(found.select(0, i).toArray()).toEqual(single[i]![k]!.toArray());
    });
  });
});

describe("a matrix without the result", () => {
  it("is named by what it lacks", () => {
    expect(() => inv(singular)).toThrow(LinAlgError);
    expect(() => inv(singular)).toThrow("inv: the matrix is singular: pivot 1 is 0; use pinv or lstsq");
    expect(() => solve(singular, ones([2]))).toThrow("solve: the matrix is singular: pivot 1 is 0");
    expect(() => matrixPower(singular, -2)).toThrow("matrixPower: the matrix is singular");
    expect(() => cholesky(singular.neg())).toThrow(
      "cholesky: the matrix is not positive definite: its leading minor of order 1 is not positive; add a small multiple of the unit matrix",
    );
    expect(() => cholesky(singular)).toThrow("its leading minor of order 2 is not positive");
  });

  it("is found in a batch", () => {
    const batch = tensor([eye(2).toArray() as number[][], singular.toArray() as number[][]]);
    expect(() => inv(batch)).toThrow("inv: matrix 1 of the batch is singular: pivot 1 is 0");
    expect(() => cholesky(batch)).toThrow("cholesky: matrix 1 of the batch is not positive definite");
  });

  it("has to be finite where its spectrum is asked for", () => {
    const bad = tensor([
      [1, Number.NaN],
      [Number.NaN, 1],
    ]);
    const text = "the matrix has elements that are not finite; look for what made them NaN or infinite";
    for (const f of [svd, svdvals, eigh, eigvalsh, pinv, matrixRank])
      expect(() => f(bad)).toThrow(`${f.name}: ${text}`);
    expect(() => lstsq(bad, bad)).toThrow(`lstsq: ${text}`);
    expect(() => svdvals(tensor([[Number.POSITIVE_INFINITY]]))).toThrow(text);
    expect(() => cholesky(bad)).toThrow(LinAlgError);
  });

  it("makes other results NaN", () => {
    const bad = tensor([
      [Number.NaN, 1],
      [1, 1],
    ]);
    for (const x of [inv(bad), det(bad), slogdet(bad).logabsdet, solve(bad, ones([2])), qr(bad).R]) {
      expect(Array.from(x.dataSync()).some(Number.isNaN)).toBe(true);
    }
  });
});

describe("shapes", () => {
  it("have to be square, and to fit", () => {
    const flat = ones([2, 3]);
    for (const f of [inv, det, slogdet, cholesky, eigh, eigvalsh]) {
      expect(() => f(flat)).toThrow(`${f.name}: needs square matrices, got shape [2, 3]`);
    }
    expect(() => solve(eye(2), ones([3, 1]))).toThrow(
      "solve: the sides do not fit, [2, 2] and [3, 1]; both need the same number of rows",
    );
    expect(() => lstsq(eye(2), ones([3, 1]))).toThrow("lstsq: the sides do not fit, [2, 2] and [3, 1]");
    expect(() => solve(ones([2, 2, 2]), ones([3, 2, 1]))).toThrow(ShapeError);
    expect(() => solve(eye(2), ones([2]).to("float64"))).toThrow(
      'solve: operands differ in type, float32 and float64; convert one with .to("float32")',
    );
  });

  it("of a right side may be those of vectors", () => {
    const a = tensor([[[2]], [[4]]]);
    expect(solve(a, tensor([[4], [4]])).toArray()).toEqual([[2], [1]]);
    expect(solve(a, tensor([4])).toArray()).toEqual([[2], [1]]);
    expect(solve(a, tensor([[[4, 8]]])).toArray()).toEqual([[[2, 4]], [[1, 2]]]);
    expect(
      solve(
        tensor([
          [0, 1],
          [2, 0],
        ]),
        tensor([3, 4]),
        { left: false },
      ).toArray(),
    ).toEqual([4, 1.5]);
  });

  it("broadcast in least squares", () => {
    const a = tensor([
      [[1], [1]],
      [[1], [3]],
    ]);
    const { solution, rank, residuals } = lstsq(a, tensor([[1], [3]]));
    expect(solution.toArray()).toEqual([[[2]], [[1]]]);
    expect(residuals.toArray()).toEqual([[2], [0]]);
    expect([rank.dtype, rank.toArray()]).toEqual(["int32", [1, 1]]);
  });
});

it("refuses options that do not exist", () => {
  expect(() => qr(eye(2), { mode: "full" } as never)).toThrow(
    'mode must be "reduced" or "complete" or "r", got "full"',
  );
  expect(() => solveTriangular(eye(2), eye(2), {} as never)).toThrow(
    "upper must be true or false, got nothing",
  );
  expect(() => matrixPower(eye(2), 0.5)).toThrow("exponent must be a whole number, got 0.5");
  expect(() => pinv(eye(2), { rtol: -1 })).toThrow("rtol must be a number from 0 on, got -1");
});

describe("gradients", () => {
  it("of a determinant reach singular matrices", () => {
    for (const data of [
      [
        [1, 2],
        [2, 4],
      ],
      [
        [0, 0],
        [0, 3],
      ],
      [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ],
    ]) {
      expect(gradcheck((x) => det(x), [leaf(data)]).compared).toBe(data.length ** 2);
    }
    const x = leaf([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 5],
    ]);
    expect((grad(det(x), x) as Tensor).abs().max().item()).toBe(0);
  });

  it("of singular values and eigenvalues are finite where these are equal", () => {
    const x = leaf([
      [2, 0],
      [0, 2],
    ]);
    for (const values of [svdvals(x), svd(x).S, eigvalsh(x), eigh(x).eigenvalues]) {
      expect((grad(values.sum(), x) as Tensor).toArray()).toEqual([
        [1, 0],
        [0, 1],
      ]);
    }
  });

  it("of singular values are finite where they are 0", () => {
    const x = leaf([
      [2, 0, 0],
      [0, 0, 0],
    ]);
    for (const values of [svdvals(x), svd(x).S]) {
      expect((grad(values.select(0, 0), x) as Tensor).toArray()).toEqual([
        [1, 0, 0],
        [0, 0, 0],
      ]);
    }
  });

  it("of singular vectors are not finite where values are equal", () => {
    const x = leaf([
      [2, 0],
      [0, 2],
    ]);
    const g = grad(
      svd(x)
        .U.mul(
          tensor(
            [
              [1, 2],
              [3, 4],
            ],
            { dtype: "float64" },
          ),
        )
        .sum(),
      x,
    ) as Tensor;
    expect(Array.from(g.dataSync()).every(Number.isFinite)).toBe(false);
  });

  it("of a sign are none, and those of a logarithm are NaN where the matrix is singular", () => {
    const x = leaf([
      [1, 2],
      [2, 4],
    ]);
    const { sign, logabsdet } = slogdet(x);
    expect([sign.requiresGrad, sign.item(), logabsdet.item()]).toEqual([false, 0, Number.NEGATIVE_INFINITY]);
    expect(Array.from((grad(logabsdet, x) as Tensor).dataSync()).every(Number.isNaN)).toBe(true);
  });

  it("of a triangle stay in it", () => {
    const x = leaf([
      [2, 7],
      [1, 4],
    ]);
    const b = ones([2, 1], { dtype: "float64" });
    expect((grad(solveTriangular(x, b, { upper: false }).sum(), x) as Tensor).select(0, 0).toArray()).toEqual(
      [-0.1875, 0],
    );
  });

  it("of a pseudoinverse keep its rank", () => {
    const f = (x: Tensor) => pinv(x.matmul(x.transpose(0, 1)));
    expect(gradcheck(f, [leaf([[1], [2], [3]])], { eps: 1e-4, rtol: 1e-4 }).compared).toBe(3);
  });
});

it("is compiled, and refuses a matrix then, too", () => {
  const program = compile((x: Tensor) => inv(x).sum());
  expect(program(eye(2)).item()).toBe(2);
  expect(program(eye(2).mul(2)).item()).toBe(1);
  expect(() => program(singular)).toThrow("inv: the matrix is singular");
  expect(program(eye(2)).item()).toBe(2);
});

it("raises to powers", () => {
  const x = tensor([
    [1, 1],
    [0, 1],
  ]);
  expect(matrixPower(x, 10).toArray()).toEqual([
    [1, 10],
    [0, 1],
  ]);
  expect(matrixPower(x, -2).toArray()).toEqual([
    [1, -2],
    [0, 1],
  ]);
  expect(matrixPower(ones([2, 1, 1]), 0).toArray()).toEqual([[[1]], [[1]]]);
  const copy = matrixPower(x, 1);
  copy.fill_(0);
  expect(x.toArray()).toEqual([
    [1, 1],
    [0, 1],
  ]);
});

it("reads one triangle of a symmetric matrix", () => {
  const x = tensor([
    [4, 99],
    [0, 9],
  ]);
  expect(cholesky(x).toArray()).toEqual([
    [2, 0],
    [0, 3],
  ]);
  expect(eigvalsh(x).toArray()).toEqual([4, 9]);
  expect(eigvalsh(x.transpose(0, 1), { UPLO: "U" }).toArray()).toEqual([4, 9]);
});
