/** The usual names of libraries with the interface of C, the fastest first. */
const names: Readonly<Record<string, readonly string[]>> = {
  linux: ["libopenblas.so.0", "libmkl_rt.so.2", "libblis.so.4", "libcblas.so.3", "libblas.so.3"],
  darwin: ["/System/Library/Frameworks/Accelerate.framework/Accelerate", "libopenblas.dylib"],
  win32: ["libopenblas.dll", "openblas.dll", "mkl_rt.2.dll"],
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Libraries to try, in this order: each by its name alone, and then in the folders that the system's loader may not know. */
export function candidates(environment: Environment, system: string): string[] {
  const inSystem = names[system] ?? names.linux!;
  const { CONDA_PREFIX, MKLROOT } = environment;
  const folders = [
    ...(CONDA_PREFIX ? [`${CONDA_PREFIX}/${system === "win32" ? "Library/bin" : "lib"}`] : []),
    ...(MKLROOT ? [`${MKLROOT}/lib`] : []),
    ...(system === "darwin" ? ["/opt/homebrew/opt/openblas/lib", "/usr/local/opt/openblas/lib"] : []),
  ];
  return inSystem.flatMap((name) =>
    name.includes("/") ? [name] : [name, ...folders.map((folder) => `${folder}/${name}`)],
  );
}
