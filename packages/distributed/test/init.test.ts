import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { init } from "../src/index";
import { findLauncher } from "../src/launcher";
import { libraryFolders, libraryNames } from "../src/mpi/candidates";
import { type Bundle, bundle } from "./bundle";

describe("a launcher", () => {
  it.each([
    ["Open MPI", 4, true, { OMPI_COMM_WORLD_SIZE: "4", PMIX_RANK: "1" }],
    ["MPICH", 3, true, { PMI_SIZE: "3", PMI_RANK: "0", MPI_LOCALNRANKS: "2", MPI_LOCALRANKID: "0" }],
    ["MPICH", 2, false, { MPI_LOCALNRANKS: "2", MPI_LOCALRANKID: "0" }],
    [null, 8, true, { SLURM_STEP_NUM_TASKS: "8", SLURM_PROCID: "5", PMIX_RANK: "5" }],
    [null, 3, false, { PMIX_RANK: "2" }],
  ])("of %s is known by its variables", (family, size, knowsSize, environment) => {
    expect(findLauncher(environment)).toMatchObject({ family, size, knowsSize });
  });

  it.each([
    [{}],
    [{ OMPI_COMM_WORLD_SIZE: "" }],
    [{ PMI_SIZE: "2" }],
    // A job of Slurm's whose script runs the program without srun.
    [{ SLURM_PROCID: "0", SLURM_NTASKS: "8" }],
  ])("is none in %j", (environment) => {
    expect(findLauncher(environment)).toBeNull();
  });

  it("is tried with its own libraries first, and with that of the standard", () => {
    const names = (environment: Record<string, string>, system: string) =>
      libraryNames(findLauncher(environment)!, system);
    expect(names({ OMPI_COMM_WORLD_SIZE: "2" }, "linux")).toEqual([
      "libmpi.so.40",
      "libmpi_abi.so.0",
      "libmpi.so.12",
      "libmpich.so.12",
      "libmpi_cray.so.12",
    ]);
    expect(names({ PMI_SIZE: "2", PMI_RANK: "0" }, "darwin")).toEqual([
      "libmpi.12.dylib",
      "libmpich.12.dylib",
      "libmpi_abi.0.dylib",
      "libmpi.40.dylib",
    ]);
    expect(libraryFolders({ CONDA_PREFIX: "/conda", I_MPI_ROOT: "/intel", MPI_HOME: "" }, "linux")).toEqual([
      "/conda/lib",
      "/intel/lib",
      "/intel/lib/release",
    ]);
    expect(libraryFolders({}, "darwin")).toEqual(["/opt/homebrew/lib", "/usr/local/lib"]);
  });
});

describe("without a launcher", () => {
  let programs: Bundle;

  beforeAll(async () => {
    programs = await bundle("alone");
  });

  afterAll(() => programs?.remove());

  it("the world has one rank, which needs no library", () => {
    const printed = execFileSync(process.execPath, [programs.path("alone")], { encoding: "utf8" });
    expect(JSON.parse(printed)).toEqual({ rank: 0, size: 1, transport: "none", natives: [], same: true });
  });

  it("a process that a launcher has started alone is such a world, too", () => {
    const env = { ...process.env, OMPI_COMM_WORLD_SIZE: "1", THALWEG_MPI: "/no/such/library" };
    const printed = execFileSync(process.execPath, [programs.path("alone")], { encoding: "utf8", env });
    expect(JSON.parse(printed)).toMatchObject({ size: 1, natives: [] });
  });

  it("aborting ends the process with the message", () => {
    const run = () =>
      execFileSync(process.execPath, [programs.path("alone"), "abort"], { encoding: "utf8", stdio: "pipe" });
    expect(run).toThrow(expect.objectContaining({ status: 1, stderr: "rank 0: the loss is NaN\n" }));
  });
});

it("refuses options that it does not know", async () => {
  await expect(init({ timeout: 0 })).rejects.toThrow("init: timeout must be a number above 0, got 0");
  await expect(init({ reduction: "fast" as never })).rejects.toThrow(
    'init: reduction must be "mpi" or "ordered", got "fast"',
  );
  await expect(init({ timeOut: 5 } as never)).rejects.toThrow(
    'init: there is no option "timeOut"; did you mean timeout? options: timeout, reduction, library, debug',
  );
});
