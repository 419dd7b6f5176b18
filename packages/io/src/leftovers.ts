import type { Modules } from "./files";

/** The ending of temporary names: a machine, a process, and random digits. */
const ending = /\.([0-9a-z]+)-(\d+)-[0-9a-f-]{36}\.thalweg-tmp$/;

/** A short name of this machine in letters and digits: containers that share a folder have different ones. */
function machine({ os }: Modules): string {
  let hash = 0;
  for (const character of os.hostname()) hash = (Math.imul(hash, 31) + character.codePointAt(0)!) >>> 0;
  return hash.toString(36);
}

/** A unique name for the replacement of a file; shortened if the file's name is long. */
export function temporaryName(modules: Modules, name: string): string {
  const start = [...name].slice(0, 32).join("");
  return `${start}.${machine(modules)}-${process.pid}-${crypto.randomUUID()}.thalweg-tmp`;
}

/** Limit of the files in a folder that are looked at. */
const most = 10_000;

/** Removes temporary files of processes that were killed while they saved to a folder. */
export function removeLeftovers(modules: Modules, folder: string): void {
  // A file that cannot be seen or removed does no harm: names are never used twice.
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

/** Whether a temporary file is abandoned: its process is gone, or it was last written to long ago. */
function isLeft(modified: number, isHere: boolean, pid: number): boolean {
  const age = Date.now() - modified;
  if (age > hour || !isHere) return age > hour;
  // A process with this one's number that wrote before this one started: in a container that was restarted.
  if (pid === process.pid) return age > process.uptime() * 1000;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
