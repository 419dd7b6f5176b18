import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const cars = path("../data/cars.csv");

/** Runs the program in a process, on the published builds, which start three times as fast as the sources. */
function demo(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = ["--import", "tsx", path("../src/main.ts"), ...args];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, command, { cwd: path("..") }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

describe("the program", { concurrent: true }, () => {
  it("prints the demo, plainly, to a pipe", async () => {
    const { code, stdout, stderr } = await demo();
    const lines = stdout.split("\n");
    expect([code, stderr, lines.length]).toEqual([0, "", 14]);
    expect(lines[0]).toBe("before training: w = 0.000, b = 0.000");
    expect(lines[1]).toBe("Epoch [2/20], Loss: 28.4531, w: 0.641, b: 0.220");
    expect(lines.at(-2)).toBe("true values: w = 2.000, b = 1.000");
  });

  it("prints plain lines of long runs too", async () => {
    const { code, stdout, stderr } = await demo("--epochs", "50000", "--plot");
    expect([code, stderr, stdout.includes("\u001b")]).toEqual([0, "", false]);
  });

  it("fits the table that comes with it", async () => {
    const { code, stdout } = await demo("--csv", cars, "--x", "speed", "--y", "dist", "--json");
    const { coefficients, rSquared } = JSON.parse(stdout);
    expect([code, coefficients.speed, rSquared]).toEqual([
      0,
      expect.closeTo(3.9324, 4),
      expect.closeTo(0.6511, 4),
    ]);
  });

  it("exits with 1 when training diverges", async () => {
    const { code, stderr } = await demo("--lr", "1", "--quiet");
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^error: training diverged: .* --lr 0\.1\n$/)]);
  });

  it("exits with 2 and one line for an invalid argument", async () => {
    const { code, stdout, stderr } = await demo("--csv", cars, "--x", "speed", "--y", "weight");
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toBe(
      'error: cars.csv: there is no column "weight", the table has "speed", "dist"; name one of these\n',
    );
  });
});
