type Koffi = typeof import("koffi");

/** More than any system's `struct sigaction`. */
const longest = 512;

/**
 * Runs something, and gives V8 the signals back that it traps: libraries below MPI take SIGSEGV to print a trace, and would end
 * the process where WebAssembly throws an error.
 */
export function keepingSignals<T>(koffi: Koffi, run: () => T): T {
  const { SIGSEGV, SIGBUS } = process.getBuiltinModule("node:os").constants.signals;
  const sigaction = koffi.load(null).func("sigaction", "int", ["int", "void *", "void *"]);
  const before = [SIGSEGV, SIGBUS].map((signal) => {
    const action = new Uint8Array(longest);
    sigaction(signal, null, action);
    return [signal, action] as const;
  });
  try {
    return run();
  } finally {
    for (const [signal, action] of before) sigaction(signal, action, null);
  }
}
