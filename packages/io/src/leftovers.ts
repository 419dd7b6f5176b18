import type { Modules } from "./files";

/** How the names of temporary files end: a machine, a process, and chance. */
const ending = /\.([0-9a-z]+)-(\d+)-[0-9a-f-]{36}\.thalweg-tmp$/;

/** A machine by a short name of letters and digits: containers that share a folder differ in it. */
function machine({ os }: Modules): string {
  let hash = 0;
  for (const character of os.hostname()) hash = (Math.imul(hash, 31) + character.codePointAt(0)!) >>> 0;
  return hash.toString(36);
}

/** A name that no other file has, for what will take the place of one; short enough where that name is long. */
export function temporaryName(modules: Modules, name: string): string {
  const start = [...name].slice(0, 32).join("");
  return `${start}.${machine(modules)}-${process.pid}-${crypto.randomUUID()}.thalweg-tmp`;
}

/** So many files of a folder are looked at. */
const most = 10_000;

/** Removes temporary files that were left in a folder by processes which were killed while they saved. */
export function removeLeftovers(modules: Modules, folder: string): void {
  // What cannot be seen or removed is in nobody's way: no name is used twice.
  attempt(() => {
    const entries = modules.fs.opendirSync(folder);
    try {
      for (let i = 0; i < most; i++) {
        const entry = entries.readSync();
        if (entry === null) break;
        attempt(() => removeIfLeft(modules, folder, entry.name));
      }
    } finally {
      entries.closeSync();
    }
  });
}

function attempt(run: () => void): void {
  try {
    run();
  } catch {}
}

function removeIfLeft(modules: Modules, folder: string, name: string): void {
  const [, host, pid] = ending.exec(name) ?? [];
  if (pid === undefined) return;
  const { fs, path } = modules;
  const file = path.join(folder, name);
  if (isLeft(fs.statSync(file).mtimeMs, host === machine(modules), Number(pid))) fs.rmSync(file);
}

const hour = 3_600_000;

/** Whether nobody writes to a temporary file any more: its process is gone, or it was last written to long ago. */
function isLeft(modified: number, isHere: boolean, pid: number): boolean {
  const age = Date.now() - modified;
  if (age > hour || !isHere) return age > hour;
  // A process of the same number as this one that wrote before this one began: that of a container, restarted.
  if (pid === process.pid) return age > process.uptime() * 1000;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
