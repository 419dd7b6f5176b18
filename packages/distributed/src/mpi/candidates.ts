import type { Family, Launcher } from "../launcher";

/** The files of a family's libraries on one system. */
interface Names {
  readonly linux: readonly string[];
  readonly darwin: readonly string[];
}

const names: Readonly<Record<Family, Names>> = {
  "Open MPI": { linux: ["libmpi.so.40"], darwin: ["libmpi.40.dylib"] },
  MPICH: {
    linux: ["libmpi.so.12", "libmpich.so.12", "libmpi_cray.so.12"],
    darwin: ["libmpi.12.dylib", "libmpich.12.dylib"],
  },
};

/** The library with the ABI of the standard, which both families have. */
const standard: Names = { linux: ["libmpi_abi.so.0"], darwin: ["libmpi_abi.0.dylib"] };

type Environment = Readonly<Record<string, string | undefined>>;

/** Names of libraries to try, those that belong to the launcher first. */
export function libraryNames(launcher: Launcher, system: string): string[] {
  const key = system === "darwin" ? "darwin" : "linux";
  const families: Family[] = launcher.family === "MPICH" ? ["MPICH", "Open MPI"] : ["Open MPI", "MPICH"];
  const [first, second] = families.map((family) => names[family][key]);
  return [...first!, ...standard[key], ...second!];
}

/** Folders to look in, after those that the system's loader knows. */
export function libraryFolders(environment: Environment, system: string): string[] {
  const roots = ["MPI_HOME", "CONDA_PREFIX", "I_MPI_ROOT"].map((name) => environment[name]);
  const known = system === "darwin" ? ["/opt/homebrew", "/usr/local"] : [];
  return [...roots, ...known]
    .filter((root) => root !== undefined && root !== "")
    .flatMap((root) => [`${root}/lib`, ...(root === environment.I_MPI_ROOT ? [`${root}/lib/release`] : [])]);
}
