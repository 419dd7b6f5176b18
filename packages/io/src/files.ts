import { ThalwegError } from "@thalweg/tensor";
import { FileError } from "./errors";
import { removeLeftovers, temporaryName } from "./leftovers";
import type { FilePath, Source } from "./source";

export type Modules = NonNullable<ReturnType<typeof modules>>;

/**
 * Access to files, where there are any. The modules are loaded when a path is used, so that bundles for browsers
 * do not contain them.
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

/** Number of bytes that are read at once: no system reads 2 GiB in one call. */
const pieceSize = 2 ** 30;

/** Whether an error has one of these codes of the system. */
const isCode = (error: unknown, ...codes: string[]) =>
  codes.includes((error as NodeJS.ErrnoException | undefined)?.code ?? "");

/** Does something with a file of this path; errors of the system become a FileError. */
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
        : "choose another path, or change its permissions",
      error,
    );
  }
}

/** The kind of a thing that is not an ordinary file. */
function kindOf(stats: import("node:fs").Stats): string {
  if (stats.isDirectory()) return "a directory";
  return stats.isCharacterDevice() || stats.isBlockDevice() ? "a device" : "not an ordinary file";
}

/** Opens a file for `use`, to be read in pieces. */
export function readFrom<T>(op: string, file: FilePath, use: (source: Source) => T): T {
  return withFile(op, file, "read", ({ fs }, path) => {
    // Opening a pipe may wait until another process writes to it.
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

/** The target of a path, through symbolic links; the last of them may point to a file that does not exist. */
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

/** The existing file, if it may be replaced. */
function replaceable({ fs }: Modules, target: string): import("node:fs").Stats | undefined {
  let stats: import("node:fs").Stats | undefined;
  try {
    stats = fs.statSync(target, { throwIfNoEntry: false });
  } catch (error) {
    // A process that may write need not be allowed to look.
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
 * Writes a file so that in any event, a power failure included, there is either the old one or the whole
 * new one: to a temporary file next to it, which replaces it once it is safely on the disk. A symbolic link stays
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

/** Flushes everything to the disk, if Node's permissions and the file system allow it. */
function sync(fs: Modules["fs"], descriptor: number): void {
  try {
    fs.fsyncSync(descriptor);
  } catch (error) {
    if (!isCode(error, "ERR_ACCESS_DENIED", "EINVAL", "ENOSYS", "ENOTSUP")) throw error;
  }
}

/** Gives a file the mode of another, and its owner, which only privileged processes may do. */
function takeAfter(fs: Modules["fs"], file: string, { mode, uid, gid }: import("node:fs").Stats): void {
  const own = fs.statSync(file);
  if (own.uid !== uid || own.gid !== gid) {
    try {
      fs.chownSync(file, uid, gid);
    } catch {}
  }
  if (own.mode !== mode) fs.chmodSync(file, mode & 0o7777);
}

/** Flushes the new name of a file, too; not every system can open a folder for that. */
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
