import which from "which";

/** The path of the first of these programs that exists on this machine. */
export async function findProgram(...names: readonly string[]): Promise<string | undefined> {
  const paths = await Promise.all(names.map((name) => which(name, { nothrow: true })));
  return paths.find((path) => path !== null) ?? undefined;
}
