import type { LibraryHandle } from "koffi";
import { DistributedError } from "../distributed-error";
import { environment, type Launcher } from "../launcher";
import { Binding, ForeignLibraryError } from "./binding";
import { libraryFolders, libraryNames } from "./candidates";
import { keepingSignals } from "./signals";

type Koffi = typeof import("koffi");

const install =
  "install the MPI of the launcher (apt-get install openmpi-bin or mpich, brew install open-mpi or mpich, " +
  "conda install -c conda-forge openmpi or mpich), or give its library to init or THALWEG_MPI";

/** What was tried, in the words of an error. */
class Attempts {
  readonly #missing: string[] = [];
  readonly #wrong: string[] = [];

  missing(name: string): void {
    this.#missing.push(name);
  }

  wrong(problem: string): void {
    this.#wrong.push(problem);
  }

  error(launcher: Launcher, folders: readonly string[]): DistributedError {
    const where = ["the loader's folders", ...folders].join(", ");
    const missing = this.#missing.length === 0 ? [] : [`${this.#missing.join(", ")} not found in ${where}`];
    const found = [...this.#wrong, ...missing].join("; ");
    return new DistributedError(
      "init",
      `${launcher.name} has started ${startedBy(launcher)}, and there is no library of MPI for it: ${found}`,
      `launcher and library must be of one kind: ${install}`,
    );
  }
}

const startedBy = ({ size, knowsSize }: Launcher): string =>
  knowsSize ? `${size} processes` : size > 1 ? `at least ${size} processes` : "this process";

/**
 * Loads a library of MPI, and initializes MPI: the first library that finds all processes of the launcher.
 *
 * @param given the file or the name of the only one to try; the usual ones where it is undefined
 * @throws DistributedError when there is none.
 */
export async function findLibrary(launcher: Launcher, given: string | undefined): Promise<Binding> {
  if (!process.getBuiltinModule("node:worker_threads").isMainThread) {
    throw new DistributedError(
      "init",
      "it is called in a worker, and MPI belongs to the main thread",
      "call it there; workers of one process are a world by inProcess and join",
    );
  }
  const koffi = await loadKoffi("koffi").catch((error) => {
    throw new DistributedError("init", `koffi, which calls MPI, cannot be loaded here, ${error.message}`);
  });
  // UCX, below many a library of MPI, rewrites functions of C in memory to hear of freed pages, while threads of Node run them.
  environment().UCX_MEM_EVENTS ??= "no";
  return keepingSignals(koffi, () => firstThatFits(koffi, launcher, given));
}

/** Loads it by a name that bundlers do not see: a bundle cannot contain a library of the system's. */
const loadKoffi = (name: string): Promise<Koffi> => import(/* @vite-ignore */ name);

/** The first library that knows of the other processes. */
function firstThatFits(koffi: Koffi, launcher: Launcher, given: string | undefined): Binding {
  const attempts = new Attempts();
  const folders = given === undefined ? libraryFolders(environment(), process.platform) : [];
  for (const name of given === undefined ? libraryNames(launcher, process.platform) : [given]) {
    const binding = open(koffi, name, folders, attempts);
    if (binding === null) continue;
    binding.init();
    const size = binding.number("MPI_Comm_size");
    if (size >= launcher.size) return binding;
    attempts.wrong(`${binding.version} (${name}) finds ${size === 1 ? "one process" : `${size} processes`}`);
    binding.call("init", "MPI_Finalize");
  }
  throw attempts.error(launcher, folders);
}

function open(koffi: Koffi, name: string, folders: readonly string[], attempts: Attempts): Binding | null {
  const library = load(koffi, name, folders);
  if (library === null) {
    attempts.missing(name);
    return null;
  }
  try {
    return new Binding(koffi, library);
  } catch (error) {
    if (!(error instanceof ForeignLibraryError)) throw error;
    attempts.wrong(`${name} cannot be used, ${error.message}`);
    return null;
  }
}

function load(koffi: Koffi, name: string, folders: readonly string[]): LibraryHandle | null {
  const paths = name.includes("/") ? [name] : [name, ...folders.map((folder) => `${folder}/${name}`)];
  for (const path of paths) {
    try {
      // Plugins of Open MPI look for its symbols among those of the process.
      return koffi.load(path, { lazy: true, global: true });
    } catch {
      // Not there, or not for this machine.
    }
  }
  return null;
}
