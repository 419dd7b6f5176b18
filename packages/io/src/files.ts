import { ThalwegError } from "@thalweg/tensor";
import type { Source } from "./source";

/**
 * Files, where there are any. The modules are asked for when a path is used, so that bundles for browsers
 * contain no trace of them.
 */
function modules(op: string) {
  const builtin = globalThis.process?.getBuiltinModule;
  if (typeof builtin !== "function") {
    throw new ThalwegError(op, "there are no files here", "leave the path out, and keep or fetch the bytes");
  }
  return { fs: builtin("node:fs"), path: builtin("node:path"), url: builtin("node:url") };
}

/** Lends a file to `use`, to be read piece by piece. */
export function readFrom<T>(op: string, file: string | URL, use: (source: Source) => T): T {
  const { fs } = modules(op);
  const descriptor = fs.openSync(file, "r");
  try {
    const { size } = fs.fstatSync(descriptor);
    return use({
      size,
      read(start, end) {
        const bytes = new Uint8Array(end - start);
        let done = 0;
        while (done < bytes.length) {
          const count = fs.readSync(descriptor, bytes, done, bytes.length - done, start + done);
          if (count === 0)
            throw new ThalwegError(op, "the file became shorter while it was read", "read it again");
          done += count;
        }
        return bytes;
      },
    });
  } finally {
    fs.closeSync(descriptor);
  }
}

let count = 0;

/**
 * Writes a file so that whatever happens, a power failure included, there is either the old one or the whole
 * new one: to a temporary file beside it, which takes its place when it is safely on the disk.
 */
export function writeAtomically(op: string, file: string | URL, chunks: readonly Uint8Array[]): void {
  const { fs, path, url } = modules(op);
  const target = typeof file === "string" ? file : url.fileURLToPath(file);
  const temporary = `${target}.${process.pid}-${++count}.tmp`;
  const descriptor = fs.openSync(temporary, "wx");
  try {
    try {
      for (const chunk of chunks) fs.writeFileSync(descriptor, chunk);
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
    fs.renameSync(temporary, target);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(fs, path.dirname(target));
}

/** Has the new name of a file written, too; not every system lets a folder be opened for that. */
function syncFolder(fs: typeof import("node:fs"), folder: string): void {
  try {
    const descriptor = fs.openSync(folder, "r");
    try {
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {}
}
