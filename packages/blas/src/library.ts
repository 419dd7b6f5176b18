import type { Matrix } from "@thalweg/tensor/internal";
import type { LibraryHandle } from "koffi";
import { BlasError } from "./blas-error";
import { candidates } from "./candidates";

type Koffi = typeof import("koffi");

/** `CblasRowMajor`, `CblasNoTrans` and `CblasTrans` of the interface of C. */
const [rowMajor, noTrans, trans] = [101, 111, 112];

/** What sets the number of threads, by the library, and the type of that number. */
const threadSetters = [
  ["openblas_set_num_threads", "int"],
  ["MKL_Set_Num_Threads", "int"],
  ["bli_thread_set_num_threads", "int64_t"],
] as const;

/** A library of BLAS. */
export class Library {
  /** Name and version, such as "OpenBLAS 0.3.21"; the name of the file where the library does not tell. */
  readonly name: string;
  readonly file: string;
  readonly #sgemm: (...args: unknown[]) => void;
  readonly #setThreads: ((count: number) => void) | null;

  constructor(library: LibraryHandle, file: string) {
    const [p, i] = ["void *", "int"];
    this.#sgemm = library.func("cblas_sgemm", "void", [i, i, i, i, i, i, "float", p, i, p, i, "float", p, i]);
    this.file = file;
    this.name = nameOf(library, file);
    const setters = threadSetters.map(([name, type]) => optional(library, name, "void", [type]));
    this.#setThreads = setters.find((setter) => setter !== null) ?? null;
  }

  /** Sets how many threads compute a product, where the library can be told. */
  setThreads(count: number): void {
    this.#setThreads?.(count);
  }

  /** `c = a · b`, see {@link Gemm.multiply}. */
  multiply(c: Matrix, a: Matrix, b: Matrix, m: number, n: number, k: number): void {
    const [transA, transB] = [a.isTransposed ? trans : noTrans, b.isTransposed ? trans : noTrans];
    const left = [a.elements, a.stride];
    const right = [b.elements, b.stride];
    this.#sgemm(rowMajor, transA, transB, m, n, k, 1, ...left, ...right, 0, c.elements, c.stride);
  }
}

/** A function that not every library has, or null. */
function optional(library: LibraryHandle, name: string, result: string, parameters: string[] = []) {
  try {
    return library.func(name, result, parameters);
  } catch {
    return null;
  }
}

function nameOf(library: LibraryHandle, file: string): string {
  const openBlas: string | undefined = optional(library, "openblas_get_config", "str")?.();
  if (openBlas !== undefined) return /^OpenBLAS [\d.]+/.exec(openBlas)?.[0] ?? "OpenBLAS";
  const blis: string | undefined = optional(library, "bli_info_get_version_str", "str")?.();
  if (blis !== undefined) return `BLIS ${blis}`;
  if (optional(library, "MKL_Set_Num_Threads", "void", ["int"]) !== null) return "MKL";
  return file.replace(/^.*[/\\]/, "");
}

/** Loads it by a name that bundlers do not see: a bundle cannot contain a library of the system's. */
const loadKoffi = (name: string): Promise<Koffi> => import(/* @vite-ignore */ name);

const install =
  "install one (apt-get install libopenblas0-pthread, dnf install openblas, conda install -c conda-forge openblas), " +
  "or give its file to useBlas or THALWEG_BLAS";

/**
 * Loads a library of BLAS: the given one, or the first of the usual ones that is there.
 *
 * @throws BlasError when there is none, or when it lacks the interface of C.
 */
export async function findLibrary(given: string | undefined): Promise<Library> {
  const { process } = globalThis as {
    process?: { env: Record<string, string | undefined>; platform: string };
  };
  if (process === undefined)
    throw new BlasError("useBlas", "a page cannot call libraries of the machine", "call it in Node alone");
  const koffi = await loadKoffi("koffi").catch((error) => {
    throw new BlasError("useBlas", `koffi, which calls the library, cannot be loaded here, ${error.message}`);
  });
  // After each product, idle threads of OpenBLAS otherwise keep a core for up to 2²⁶ cycles, which those of WebAssembly want.
  process.env.OPENBLAS_THREAD_TIMEOUT ??= "20";
  const wanted = given ?? (process.env.THALWEG_BLAS || undefined);
  const files = wanted === undefined ? candidates(process.env, process.platform) : [wanted];
  const problems: string[] = [];
  for (const file of files) {
    try {
      return new Library(koffi.load(file), file);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  if (wanted !== undefined)
    throw new BlasError("useBlas", `${wanted} cannot be used, ${problems[0]}`, install);
  throw new BlasError(
    "useBlas",
    `there is no library of BLAS with the interface of C, tried ${files.join(", ")}`,
    install,
  );
}
