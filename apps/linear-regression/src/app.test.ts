import { fakeTerminal } from "@thalweg/terminal/testing";
import { optimizerNames } from "thalweg";
import { describe, expect, it } from "vitest";
import { app } from "./app";
import { cars, runApp } from "./testing";

const table = ["--csv", cars, "--x", "speed", "--y", "dist"];

const demo = `before training: w = 0.000, b = 0.000
Epoch [2/20], Loss: 28.4531, w: 0.641, b: 0.220
Epoch [4/20], Loss: 13.7062, w: 1.086, b: 0.373
Epoch [6/20], Loss: 6.6059, w: 1.395, b: 0.480
Epoch [8/20], Loss: 3.1873, w: 1.609, b: 0.555
Epoch [10/20], Loss: 1.5412, w: 1.757, b: 0.607
Epoch [12/20], Loss: 0.7486, w: 1.860, b: 0.644
Epoch [14/20], Loss: 0.3670, w: 1.931, b: 0.670
Epoch [16/20], Loss: 0.1831, w: 1.980, b: 0.688
Epoch [18/20], Loss: 0.0945, w: 2.014, b: 0.702
Epoch [20/20], Loss: 0.0518, w: 2.038, b: 0.712
after training: w = 2.038, b = 0.712
true values: w = 2.000, b = 1.000
`;

describe("the demo", () => {
  it("prints a line every second epoch", async () => {
    expect(await runApp()).toMatchObject({ code: 0, stdout: demo, stderr: "" });
  });

  it("prints the same with modules", async () => {
    expect((await runApp("--model", "module")).stdout).toBe(demo);
  });

  it("prints the same where the step is compiled", async () => {
    expect(await runApp("--compile")).toMatchObject({ code: 0, stdout: demo, stderr: "" });
    expect((await runApp("--compile", "--model", "module")).stdout).toBe(demo);
  });

  it("prints only the result when quiet", async () => {
    expect((await runApp("--quiet")).stdout).toBe("after training: w = 2.038, b = 0.712\n");
  });

  it("prints a line after each tenth of longer runs, and the last", async () => {
    const { lines } = await runApp("--epochs", "25");
    expect(lines.filter((text) => text.startsWith("Epoch")).map((text) => text.split(",")[0])).toEqual(
      [3, 6, 9, 12, 15, 18, 21, 24, 25].map((epoch) => `Epoch [${epoch}/25]`),
    );
  });

  it("draws the loss", async () => {
    const { lines } = await runApp("--plot", "--quiet");
    expect(lines.slice(1, 5).map((text) => text.trim())).toEqual(["", "loss by epoch", "▲", "40┤━━━┓"]);
  });
});

describe("a table", () => {
  it("is reported in its own units", async () => {
    const { lines } = await runApp(...table);
    expect(lines[0]).toBe("before training: speed = 0.000, intercept = 42.980");
    expect(lines[1]).toBe("Epoch [10/100], Loss: 0.3606, speed: 3.510, intercept: -11.077");
    expect(lines.slice(-4)).toEqual([
      "after training: speed = 3.932, intercept = -17.579",
      "dist = -17.579 + 3.932 * speed",
      "R² = 0.651, root mean square error = 15.069",
      "",
    ]);
  });
});

describe("every optimizer", () => {
  it.each(["adagrad", "adam", "adamax", "adamw", "lbfgs", "radam", "rmsprop", "sgd"])(
    "fits the table with its defaults: %s",
    async (name) => {
      const { lines } = await runApp(...table, "--optimizer", name, "--quiet");
      expect(lines[2]).toBe("R² = 0.651, root mean square error = 15.069");
    },
  );

  it.each(["lamb", "lion", "nadam"])("gets close with its defaults: %s", async (name) => {
    const { lines } = await runApp(...table, "--optimizer", name, "--quiet");
    expect(lines[2]).toMatch(/^R² = 0\.6[45]\d, root mean square error = 15\.[01]/);
  });

  it("is refused when it does not support this model", async () => {
    const { code, stderr } = await runApp("--optimizer", "muon");
    expect(code).toBe(2);
    expect(stderr).toBe(
      'error: the parameter "bias" is not a matrix, its direction cannot be made orthogonal; ' +
        "give it to another optimizer, such as AdamW\n",
    );
  });
});

describe("a compiled step", () => {
  it.each(optimizerNames().filter((name) => name !== "muon"))(
    "gives the same numbers with %s",
    async (name) => {
      // L-BFGS evaluates 20 times in a step: these are 300 evaluations, more than the 100 that it remembers.
      const epochs = name === "lbfgs" ? "5" : "20";
      const options = [...table, "--batch-size", "20", "--epochs", epochs, "--json", "--optimizer", name];
      const eager = await runApp(...options);
      expect(await runApp(...options, "--compile")).toEqual(eager);
    },
  );
});

describe("JSON", () => {
  it("holds the settings and the result", async () => {
    const { stdout, lines } = await runApp("--json");
    expect(lines.length).toBe(2);
    const { history, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({
      model: "raw",
      optimizer: null,
      lr: 0.01,
      epochs: 20,
      batchSize: 4,
      seed: 0,
      rows: 4,
      target: "y",
      coefficients: { w: 2.037538766860962 },
      intercept: 0.7116230726242065,
      rSquared: expect.closeTo(0.99208, 5),
      rootMeanSquare: expect.closeTo(0.19901, 5),
      diverged: null,
    });
    expect(history.length).toBe(20);
    expect(history[0]).toEqual({
      epoch: 1,
      loss: 41,
      coefficients: { w: 0.3499999940395355 },
      intercept: 0.11999999731779099,
    });
  });

  it("reports divergence, too", async () => {
    const { code, stdout } = await runApp("--json", "--lr", "3", ...table);
    const { history, coefficients, diverged } = JSON.parse(stdout);
    expect([code, coefficients, diverged.suggestedLr]).toEqual([1, null, 0.3]);
    expect(history.length).toBe(diverged.epoch - 1);
  });
});

describe("a failure", () => {
  it("is divergence, with epoch and suggestion and code 1", async () => {
    expect(await runApp("--lr", "0.2", "--quiet")).toMatchObject({
      code: 1,
      stdout: "",
      stderr:
        "error: training diverged: in epoch 7 the loss is 1.11e+6, after 41.0 at the start; try a smaller rate: --lr 0.02\n",
    });
    const slow = await runApp("--lr", "0.125", "--model", "module");
    expect([slow.code, slow.stderr]).toEqual([
      1,
      expect.stringContaining("in epoch 20 the loss is 996, after 41.0"),
    ]);
  });

  it.each([
    [
      ["--optimizer", "sdg"],
      `there is no optimizer "sdg"; those registered are ${optimizerNames().join(", ")}`,
    ],
    [["--csv", "/no.csv", "--x", "a", "--y", "b"], "cannot read /no.csv: there is no such file"],
    [
      ["--csv", cars, "--x", "sped", "--y", "dist"],
      'cars.csv: there is no column "sped", the table has "speed", "dist"; name one of these',
    ],
    [
      ["--epochs", "x"],
      "option '--epochs <count>' argument 'x' is invalid. It must be a whole number from 1 on.",
    ],
  ])("is one line and code 2: %j", async (args, message) => {
    expect(await runApp(...args)).toMatchObject({ code: 2, stdout: "", stderr: `error: ${message}\n` });
  });

  it("is an interruption, with code 130", async () => {
    const { terminal, texts } = fakeTerminal();
    const code = await app(["--epochs", "100000000"], { ...terminal, signal: AbortSignal.timeout(100) });
    expect([code, texts.stderr]).toEqual([130, expect.stringMatching(/^interrupted after \d+ epochs\n$/)]);
  });
});
