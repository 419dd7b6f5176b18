import { getThreads } from "@thalweg/tensor";
import {
  checkArguments,
  type Gemm,
  minMatmul,
  options as optionsOf,
  setGemm,
  string,
  whole,
} from "@thalweg/tensor/internal";
import { BlasError } from "./blas-error";
import { findLibrary } from "./library";

/** Options of {@link useBlas}. */
export interface BlasOptions {
  /**
   * The library, a file or a name. Unless given it is that of the environment variable `THALWEG_BLAS`, and without one the
   * first of the usual names that this machine has.
   */
  readonly library?: string;
  /**
   * The least number of multiplications of a product of two matrices that the library computes, rows x terms x columns; 65,536
   * unless given, and at least 2,048. Of a batch, each product counts by itself, and has to be 16 times as large: WebAssembly
   * shares a batch among threads.
   */
  readonly from?: number;
}

/** The library that computes products. */
export interface Blas {
  /** Its name and version, such as "OpenBLAS 0.3.21"; the name of its file where it does not tell. */
  readonly name: string;
  /** Its file, as it was loaded. */
  readonly library: string;
  /** Has WebAssembly compute all products again, unless another call of {@link useBlas} has chosen a library since. */
  close(): void;
}

const signature = {
  options: optionsOf<BlasOptions>({ library: string, from: whole(minMatmul) }),
};

let current: Blas | null = null;

/**
 * Has large products of float32 matrices on the CPU computed by the BLAS of this machine from now on: by OpenBLAS, Accelerate, MKL,
 * BLIS, or another library with the interface of C. This holds in operations, layers, gradients and compiled steps. The bits of a
 * product are then the library's; they may differ between libraries, their versions, processors and numbers of threads.
 *
 * A later call replaces the library. Each worker has its own.
 *
 * @throws BlasError when there is no such library, as in a page, or no WebAssembly.
 * @example
 * import { useBlas } from "@thalweg/blas";
 *
 * // Where there is no library, WebAssembly goes on computing.
 * const blas = await useBlas().catch(() => null);
 * const x = ones([256, 256]);
 * x.matmul(x).sum().item(); // → 16777216
 * blas?.close();
 */
export async function useBlas(options: BlasOptions = {}): Promise<Blas> {
  checkArguments("useBlas", signature, [options]);
  const library = await findLibrary(options.library);
  let threads = 0;
  const gemm: Gemm = {
    tier: "blas",
    from: options.from ?? 65_536,
    multiply(c, a, b, m, n, k) {
      const wanted = getThreads();
      if (threads !== wanted) library.setThreads((threads = wanted));
      library.multiply(c, a, b, m, n, k);
    },
  };
  if (!setGemm(gemm)) {
    throw new BlasError(
      "useBlas",
      "there is no WebAssembly, in whose memory the matrices are",
      "use a runtime that has it, and do not turn it off with setWebAssembly",
    );
  }
  const blas: Blas = {
    name: library.name,
    library: library.file,
    close() {
      if (current === blas) setGemm(null);
    },
  };
  current = blas;
  return blas;
}
