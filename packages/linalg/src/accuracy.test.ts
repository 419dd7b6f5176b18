import { cat, eye, manualSeed, randn, type Tensor, tensor, zeros } from "@thalweg/tensor";
import { beforeEach, describe, expect, it } from "vitest";
import { cholesky, det, eigh, inv, lstsq, matrixRank, pinv, qr, slogdet, solve, svd, svdvals } from ".";

const wide = { dtype: "float64" } as const;
const adjoint = (x: Tensor) => x.transpose(-2, -1);
const largest = (x: Tensor): number => (x.size === 0 ? 0 : x.abs().max().item());
const gram = (x: Tensor) => adjoint(x).matmul(x);

function expectOrthonormal(x: Tensor, bound = 1e-13): void {
  expect(largest(gram(x).sub(eye(x.shape.at(-1)!, undefined, wide)))).toBeLessThan(bound);
}

/** A matrix of a rank, some of whose singular values are as small as `least`. */
function ofRank(rows: number, columns: number, rank: number, least = 1): Tensor {
  const left = qr(randn([rows, rank], wide)).Q;
  const right = qr(randn([columns, rank], wide)).Q;
  const sizes = tensor(
    Array.from({ length: rank }, (_, i) => (i % 2 === 0 ? 3 : least)),
    wide,
  );
  return left.mul(sizes).matmul(adjoint(right));
}

beforeEach(() => manualSeed(7));

const sizes = [
  [1, 1],
  [2, 2],
  [7, 3],
  [3, 7],
  [30, 30],
  [40, 25],
] as const;

describe.each(sizes)("a matrix of %i x %i", (rows, columns) => {
  it("is the product of its factors", () => {
    const x = randn([rows, columns], wide);
    const { Q, R } = qr(x);
    expect(largest(Q.matmul(R).sub(x))).toBeLessThan(1e-13);
    expectOrthonormal(Q);
    const { U, S, Vh } = svd(x, { fullMatrices: false });
    expect(largest(U.mul(S).matmul(Vh).sub(x))).toBeLessThan(1e-13);
    expectOrthonormal(U);
    expectOrthonormal(adjoint(Vh));
    const { eigenvalues, eigenvectors } = eigh(gram(x));
    expect(largest(eigenvectors.mul(eigenvalues).matmul(adjoint(eigenvectors)).sub(gram(x)))).toBeLessThan(
      1e-12,
    );
    expectOrthonormal(eigenvectors);
  });

  it("has whole orthogonal factors", () => {
    const x = randn([rows, columns], wide);
    const { Q, R } = qr(x, { mode: "complete" });
    expect([Q.shape, R.shape]).toEqual([
      [rows, rows],
      [rows, columns],
    ]);
    expect(largest(Q.matmul(R).sub(x))).toBeLessThan(1e-13);
    expectOrthonormal(Q);
    const { U, Vh } = svd(x);
    expect([U.shape, Vh.shape]).toEqual([
      [rows, rows],
      [columns, columns],
    ]);
    expectOrthonormal(U);
    expectOrthonormal(Vh);
  });

  it("may lack full rank", () => {
    const rank = Math.max(1, Math.floor(Math.min(rows, columns) / 2));
    const x = ofRank(rows, columns, rank);
    expect(matrixRank(x).item()).toBe(rank);
    const { U, S, Vh } = svd(x);
    expectOrthonormal(U);
    expectOrthonormal(Vh);
    const k = Math.min(rows, columns);
    expect(
      largest(
        U.narrow(-1, 0, k)
          .mul(S)
          .matmul(Vh.narrow(0, 0, k))
          .sub(x),
      ),
    ).toBeLessThan(1e-13);
    const p = pinv(x);
    expect(largest(x.matmul(p).matmul(x).sub(x))).toBeLessThan(1e-13);
    expect(largest(p.matmul(x).matmul(p).sub(p))).toBeLessThan(1e-13);
  });
});

it("resolves small singular values next to large ones", () => {
  const x = ofRank(12, 8, 8, 1e-9);
  const S = svdvals(x);
  for (const s of S.narrow(0, 4, 4).dataSync()) expect(Math.abs(s - 1e-9)).toBeLessThan(1e-14);
});

it.each([1e-200, 1e200])("computes with elements of the size %f", (scale) => {
  const x = randn([5, 4], wide);
  const S = svdvals(x.mul(scale));
  expect(largest(S.div(scale).sub(svdvals(x)))).toBeLessThan(1e-13);
  expectOrthonormal(qr(x.mul(scale)).Q);
  const { eigenvalues } = eigh(gram(x).mul(scale));
  expect(largest(eigenvalues.div(scale).sub(eigh(gram(x)).eigenvalues))).toBeLessThan(1e-12);
});

it("solves, inverts and factors matrices that are well conditioned", () => {
  const n = 40;
  const x = randn([n, n], wide);
  const a = x.add(eye(n, undefined, wide).mul(20));
  const b = randn([n, 3], wide);
  expect(largest(a.matmul(solve(a, b)).sub(b))).toBeLessThan(1e-13);
  expect(largest(a.matmul(inv(a)).sub(eye(n, undefined, wide)))).toBeLessThan(1e-13);
  const positive = gram(a);
  const lower = cholesky(positive);
  expect(largest(lower.matmul(adjoint(lower)).sub(positive))).toBeLessThan(1e-11);
  expect(largest(lower.triu(1))).toBe(0);
});

it("has the logarithm of determinants that overflow", () => {
  const n = 400;
  const x = eye(n, undefined, wide).mul(-10);
  expect(det(x).item()).toBe(Number.POSITIVE_INFINITY);
  const { sign, logabsdet } = slogdet(x);
  expect(sign.item()).toBe(1);
  expect(logabsdet.item()).toBeCloseTo(n * Math.log(10), 9);
});

it("rounds once: float32 results are the nearest to those of float64", () => {
  const x = randn([6, 6]).add(eye(6).mul(4));
  const narrow = [inv(x), svdvals(x), qr(x).Q, eigh(x).eigenvalues, lstsq(x, x).solution];
  const y = x.to("float64");
  const exact = [inv(y), svdvals(y), qr(y).Q, eigh(y).eigenvalues, lstsq(y, y).solution];
  narrow.forEach((found, i) => {
    expect(found.dtype).toBe("float32");
    expect(found.toArray()).toEqual(exact[i]!.to("float32").toArray());
  });
});

it("has any orthonormal vectors for a matrix of zeros", () => {
  const { U, S, Vh } = svd(zeros([4, 2], wide));
  expect(S.toArray()).toEqual([0, 0]);
  expectOrthonormal(U);
  expectOrthonormal(Vh);
});

it("keeps the zeros of rows that repeat", () => {
  const row = randn([1, 5], wide);
  expect(matrixRank(cat([row, row, row], 0)).item()).toBe(1);
});
