import { ThalwegError } from "@thalweg/tensor";
import { FileError } from "./errors";
import { removeLeftovers, temporaryName } from "./leftovers";
import type { FilePath, Source } from "./source";

export type Modules = NonNullable<ReturnType<typeof modules>>;

/**
 * Files, where there are any. The modules are asked for when a path is used, so that bundles for browsers
 * contain no trace of them.
 */
function modules(op: string) {
  const builtin = globalThis.process?.getBuiltinModule;
  if (typeof builtin !== "function") {
    throw new ThalwegError(op, "there are no files here", "leave the path out, and keep or fetch the bytes");
  }
  return {
    fs: builtin("node:fs"),
    os: builtin("node:os"),
    path: builtin("node:path"),
    url: builtin("node:url"),
  };
}

/** Bytes that are read at a time: no system gives 2 GiB at once. */
const pieceSize = 2 ** 30;

/** Whether the system refused because of this. */
const isCode = (error: unknown, ...codes: string[]) =>
  codes.includes((error as NodeJS.ErrnoException | undefined)?.code ?? "");

/** Does something with a file, whose path is given; what the system has against it becomes a FileError. */
function withFile<T>(
  op: string,
  file: FilePath,
  verb: "read" | "write",
  use: (modules: Modules, path: string) => T,
): T {
  const all = modules(op);
  const given = String(typeof file === "string" ? file : file.href);
  try {
    if (given === "") throw new Error("the path is empty");
    return use(all, typeof file === "string" ? file : all.url.fileURLToPath(given));
  } catch (error) {
    if (error instanceof ThalwegError) throw error;
    const problem = isCode(error, "ENOENT")
      ? `there is no such ${verb === "read" ? "file" : "folder"}`
      : (error as Error).message;
    throw new FileError(
      op,
      given,
      `cannot ${verb} "${given}", ${problem}`,
      isCode(error, "ERR_ACCESS_DENIED")
        ? `let Node ${verb === "read" ? "read it" : "write to its folder"}: --allow-fs-${verb}=...`
        : "choose another path, or make it possible",
      error,
    );
  }
}

/** What something is that is no ordinary file. */
function kindOf(stats: import("node:fs").Stats): string {
  if (stats.isDirectory()) return "a directory";
  return stats.isCharacterDevice() || stats.isBlockDevice() ? "a device" : "no ordinary file";
}

/** Lends a file to `use`, to be read piece by piece. */
export function readFrom<T>(op: string, file: FilePath, use: (source: Source) => T): T {
  return withFile(op, file, "read", ({ fs }, path) => {
    // Opening what is no file may wait for somebody to write to it.
    const found = fs.statSync(path);
    if (!found.isFile()) throw new Error(`it is ${kindOf(found)}`);
    const descriptor = fs.openSync(path, "r");
    try {
      const { size } = fs.fstatSync(descriptor);
      return use({
        size,
        read(start, end) {
          const bytes = new Uint8Array(end - start);
          let done = 0;
          while (done < bytes.length) {
            const most = Math.min(bytes.length - done, pieceSize);
            const count = fs.readSync(descriptor, bytes, done, most, start + done);
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
  });
}

/** Where a path leads to, through symbolic links, the last of which may lead to what is not there yet. */
function targetOf({ fs, path }: Modules, file: string): string {
  let target = file;
  for (let links = 0; links < 40; links++) {
    let next: string;
    try {
      next = fs.readlinkSync(target);
    } catch {
      return target;
    }
    target = path.resolve(path.dirname(target), next);
  }
  throw new Error("its symbolic links go round in a circle");
}

/** What is there to be replaced, if it may be. */
function replaceable({ fs }: Modules, target: string): import("node:fs").Stats | undefined {
  let stats: import("node:fs").Stats | undefined;
  try {
    stats = fs.statSync(target, { throwIfNoEntry: false });
  } catch (error) {
    // Whoever may write need not be allowed to look.
    if (isCode(error, "ERR_ACCESS_DENIED")) return undefined;
    throw error;
  }
  if (stats === undefined) return undefined;
  if (!stats.isFile()) throw new Error(`it is ${kindOf(stats)}`);
  if ((stats.mode & 0o222) === 0) throw new Error("it is read-only");
  fs.accessSync(target, fs.constants.W_OK);
  return stats;
}

/**
 * Writes a file so that whatever happens, a power failure included, there is either the old one or the whole
 * new one: to a temporary file beside it, which takes its place when it is safely on the disk. A symbolic link stays
 * one, and a file keeps its mode and, if possible, its owner.
 */
export function writeAtomically(op: string, file: FilePath, pieces: Iterable<Uint8Array>): void {
  withFile(op, file, "write", (all, given) => {
    const { fs, path } = all;
    const target = targetOf(all, given);
    const old = replaceable(all, target);
    const folder = path.dirname(target);
    removeLeftovers(all, folder);
    const temporary = path.join(folder, temporaryName(all, path.basename(target)));
    const descriptor = fs.openSync(temporary, "wx");
    try {
      try {
        for (const piece of pieces) fs.writeFileSync(descriptor, piece);
        sync(fs, descriptor);
      } finally {
        fs.closeSync(descriptor);
      }
      if (old !== undefined) takeAfter(fs, temporary, old);
      fs.renameSync(temporary, target);
    } catch (error) {
      fs.rmSync(temporary, { force: true });
      throw error;
    }
    syncFolder(fs, folder);
  });
}

/** Has everything on the disk, where Node's permissions and the file system know how. */
function sync(fs: Modules["fs"], descriptor: number): void {
  try {
    fs.fsyncSync(descriptor);
  } catch (error) {
    if (!isCode(error, "ERR_ACCESS_DENIED", "EINVAL", "ENOSYS", "ENOTSUP")) throw error;
  }
}

/** Gives a file the mode of another, and its owner, which only some may do. */
function takeAfter(fs: Modules["fs"], file: string, { mode, uid, gid }: import("node:fs").Stats): void {
  const own = fs.statSync(file);
  if (own.uid !== uid || own.gid !== gid) {
    try {
      fs.chownSync(file, uid, gid);
    } catch {}
  }
  if (own.mode !== mode) fs.chmodSync(file, mode & 0o7777);
}

/** Has the new name of a file written, too; not every system lets a folder be opened for that. */
function syncFolder(fs: Modules["fs"], folder: string): void {
  try {
    const descriptor = fs.openSync(folder, "r");
    try {
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {}
}
