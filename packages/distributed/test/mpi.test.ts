import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bundle, bundle } from "./bundle";
import { type LauncherName, launch, launchers, skips } from "./launchers";

let programs: Bundle;

const names = Object.keys(launchers) as LauncherName[];

describe.skipIf(skips())("with MPI", () => {
  beforeAll(async () => {
    programs = await bundle("laws", "faults");
  });

  afterAll(() => programs?.remove());

  const misbehave = (name: LauncherName, fault: string, more?: Record<string, string>) =>
    launch(name, 2, [process.execPath, programs.path("faults"), fault], more);

  describe.each(names)("%s", (name) => {
    test.each([1, 2, 3, 4])("keeps all laws in a world of %i", async (ranks) => {
      const { code, stdout, stderr } = await launch(name, ranks, [process.execPath, programs.path("laws")]);
      expect(stderr).toBe("");
      expect(code).toBe(0);
      const { transport, size } = JSON.parse(stdout) as { transport: string; size: number };
      expect(transport).toMatch(new RegExp(`^${name} \\d+\\.\\d`));
      expect(size).toBe(ranks);
    });

    test("a world ends by itself when all programs end", async () => {
      const { code, stdout, stderr } = await misbehave(name, "none");
      expect(stderr).toBe("");
      expect(code).toBe(0);
      expect(stdout.match(new RegExp(`^sum 3 by ${name} `, "gm"))).toHaveLength(2);
    });

    test.each([
      ["throws an error", "throws", 1, /^rank 1: Error: no such file\n {4}at /m],
      ["rejects a promise", "rejects", 1, /^rank 1: Error: no such file\n {4}at /m],
      ["exits with a code", "exits", 3, /^rank 1: exit with code 3$/m],
      ["ends with a code", "ends", 4, /^rank 1: exit with code 4$/m],
      ["aborts", "aborts", 1, /^rank 1: the loss is NaN$/m],
      [
        "leaves too early",
        "leaves",
        1,
        /: rank 0 calls allReduce, rank 1 calls close; call the same collectives in the same order on all ranks$/m,
      ],
      [
        "passes another length",
        "differs",
        1,
        /allReduce: rank 0 has 10 float32 elements, rank 1 has 12; pass buffers of one size$/m,
      ],
      [
        "does not come",
        "late",
        1,
        /^rank 0: .*allReduce: the other ranks did not come within 0\.3 s; look for one that hangs or does something else, or give init a longer timeout$/m,
      ],
      [
        "has other options",
        "options",
        1,
        /init: rank 0 has reduction "mpi" and debug false, rank 1 has reduction "ordered" and debug false; pass the same options on all ranks$/m,
      ],
    ])("all ranks end when one %s", async (_, fault, expected, text) => {
      const { code, stderr } = await misbehave(name, fault);
      expect(stderr).toMatch(text);
      expect(code).toBe(expected);
      // Not by Node, too, and not by other ranks.
      if (fault === "aborts") expect(stderr.match(/the loss is NaN/g)).toHaveLength(1);
      if (fault === "throws") expect(stderr.match(/no such file/g)).toHaveLength(1);
    });

    test("all ranks end when one is killed", async () => {
      const { code } = await misbehave(name, "dies");
      expect(code).toBeGreaterThan(0);
    });

    test("a library of another kind is told from that of the launcher", async () => {
      const other = names.find((each) => each !== name)!;
      const { library } = launchers[other];
      const { code, stderr } = await misbehave(name, "none", { THALWEG_MPI: library });
      expect(code).toBe(1);
      expect(stderr).toMatch(
        new RegExp(
          `init: .* has started 2 processes, and there is no library of MPI for it: ${other} [\\d.]+ \\(${library}\\) finds ` +
            "one process; launcher and library must be of one kind: install the MPI of the launcher \\(apt-get install " +
            "openmpi-bin or mpich, brew install open-mpi or mpich, conda install -c conda-forge openmpi or mpich\\), or give " +
            "its library to init or THALWEG_MPI",
        ),
      );
    });
  });

  test("a library that finds one process is left for the next", async () => {
    const { code, stdout } = await misbehave("MPICH", "none", { OMPI_COMM_WORLD_SIZE: "2" });
    expect(code).toBe(0);
    expect(stdout.match(/^sum 3 by MPICH /gm)).toHaveLength(2);
  });

  test.each([
    ["libm.so.6", "libm.so.6 cannot be used, it has no MPI_Get_library_version"],
    ["/no/libmpi.so", "/no/libmpi.so not found"],
  ])("%s is refused as a library", async (library, problem) => {
    const { code, stderr } = await launch("MPICH", 2, [process.execPath, programs.path("faults"), "none"], {
      THALWEG_MPI: library,
    });
    expect(code).toBe(1);
    expect(stderr).toContain(`there is no library of MPI for it: ${problem}`);
  });
});
