import { fc, test } from "@fast-check/vitest";
import { compile } from "@thalweg/compile";
import { loadCheckpoint, saveCheckpoint } from "@thalweg/io";
import { crossEntropy, mseLoss } from "@thalweg/losses";
import { Linear, Sequential, Tanh } from "@thalweg/nn";
import { Adam, clipGradNorm_, LBFGS, ReduceLROnPlateau, SGD } from "@thalweg/optim";
import { full, linspace, manualSeed, ones, type Tensor, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { parts, trainerOf, weights } from "../test/runs";
import { type Callback, csvLogger, epochLines, evaluate, fit, Trainer } from "./index";

/** Ends training after a number of steps. */
const stopAfter = (steps: number): Callback => ({
  onStep: ({ step, stop }) => {
    if (step === steps) stop();
  },
});

/** A line to fit, in batches of some rows. */
function line(rows = 8) {
  manualSeed(3);
  const x = linspace(-1, 1, 24).reshape([24, 1]);
  const y = x.mul(3).sub(1);
  const data = Array.from({ length: Math.ceil(24 / rows) }, (_, i): [Tensor, Tensor] => [
    x.slice([i * rows, Math.min(24, (i + 1) * rows)]),
    y.slice([i * rows, Math.min(24, (i + 1) * rows)]),
  ]);
  const model = new Linear(1, 1);
  return { model, optimizer: new SGD(model.parameters(), { lr: 0.1 }), loss: mseLoss, data };
}

/** A model whose output is a number, which each step changes to the next of a list. */
function scripted(values: readonly number[]) {
  const model = new Linear(1, 1, { bias: false });
  model.loadStateDict({ weight: tensor([[values[0]!]]) });
  const optimizer = new SGD(model.parameters(), { lr: 0 });
  const validation: [Tensor, Tensor][] = [[ones([1, 1]), zeros([1, 1])]];
  const loss = (output: Tensor, target: Tensor) => output.sub(target).sum();
  const follow: Callback = {
    onStep: ({ step }) => void model.loadStateDict({ weight: tensor([[values[step - 1]!]]) }),
  };
  return { model, optimizer, loss, data: validation, validation, callbacks: [follow], epochs: values.length };
}

describe("a trainer", () => {
  it("does what the loop does that one would write", async () => {
    const ours = parts();
    const history = await trainerOf(ours, { clipGradNorm: 0.5 }).run();
    const { model, optimizer, scheduler, data } = parts();
    const losses: number[] = [];
    for (let epoch = 0; epoch < 4; epoch++) {
      let sum = 0;
      for (const [x, y] of data) {
        const loss = crossEntropy(model.forward(x), y);
        optimizer.zeroGrad();
        loss.backward();
        clipGradNorm_(model.parameters(), 0.5);
        optimizer.step();
        scheduler.step();
        sum += loss.item() * y.size;
      }
      losses.push(sum / 70);
    }
    expect(weights(ours)).toEqual(weights({ model }));
    expect(history.epochs.map(({ train }) => train.loss)).toEqual(
      losses.map((loss) => expect.closeTo(loss, 12)),
    );
    expect(history.epochs.map(({ step }) => step)).toEqual([5, 10, 15, 20]);
    expect(history.reason).toBe("epochs");
    model.eval();
    const [x, y] = ours.validation.dataset.batch!([...Array(70).keys()]) as unknown as [Tensor, Tensor];
    const right = model.forward(x).argmax(1).eq(y).to("float32").mean().item();
    expect(history.epochs[3]!.validation!.accuracy).toBeCloseTo(right, 6);
    expect(history.best!.value).toBe(Math.max(...history.epochs.map((one) => one.validation!.accuracy)));
  });

  test.prop([fc.integer({ min: 1, max: 11 }), fc.integer({ min: 1, max: 3 }), fc.boolean(), fc.boolean()], {
    numRuns: 12,
  })("resumes with the same bits, from any step", async (at, accumulate, isCompiled, restoreBest) => {
    const options = { accumulate, restoreBest, patience: 2, ...(isCompiled ? { compile } : {}) };
    const whole = parts();
    const expected = await trainerOf(whole, options).run();
    const before = trainerOf(parts(), { ...options, callbacks: [stopAfter(at)] });
    await before.run();
    const bytes = await saveCheckpoint({ trainer: before });
    const rest = parts(99);
    const after = trainerOf(rest, options);
    await loadCheckpoint(bytes, { trainer: after });
    expect(await after.run()).toEqual(expected);
    expect(weights(rest)).toEqual(weights(whole));
  });

  it("goes on where it was stopped, also with data that do not know their position", async () => {
    const whole = { ...line(5), epochs: 3 };
    const expected = await fit(whole);
    const { data, ...stopped } = line(5);
    const trainer = new Trainer({ ...stopped, data, epochs: 3, callbacks: [stopAfter(7)] });
    expect((await trainer.run()).epochs).toHaveLength(1);
    expect((await trainer.run()).epochs).toEqual(expected.epochs);
    expect(weights(stopped as never)).toEqual(weights(whole as never));
  });

  it("runs compiled steps with the same bits", async () => {
    const eager = parts();
    const expected = await trainerOf(eager, { clipGradValue: 0.1 }).run();
    const compiled = parts();
    expect(await trainerOf(compiled, { clipGradValue: 0.1, compile }).run()).toEqual(expected);
    expect(weights(compiled)).toEqual(weights(eager));
  });

  test.prop([fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 })], { numRuns: 20 })(
    "accumulates the gradient of the joined batch",
    async (rows, accumulate) => {
      const [parted, joined] = [line(rows), line(rows * accumulate)];
      const one = await fit({ ...parted, accumulate, epochs: 2 });
      const other = await fit({ ...joined, epochs: 2 });
      expect(one.epochs.map(({ step }) => step)).toEqual(other.epochs.map(({ step }) => step));
      expect(parted.model.weight.item()).toBeCloseTo(joined.model.weight.item(), 5);
      expect(one.epochs[1]!.train.loss).toBeCloseTo(other.epochs[1]!.train.loss, 5);
    },
  );

  it("trains with L-BFGS, which evaluates a step several times", async () => {
    const { model, loss, data } = line(24);
    const history = await fit({ model, optimizer: new LBFGS(model.parameters()), loss, data, epochs: 3 });
    expect(history.epochs.at(-1)!.train.loss).toBeLessThan(1e-8);
  });

  it("takes a step of one's own, for batches of any kind", async () => {
    const { model, optimizer, data } = line();
    const batches = data.map(([x, y]) => ({ x, y }));
    const step = ({ x, y }: { x: Tensor; y: Tensor }) => mseLoss(model.forward(x), y);
    const history = await fit({ model, optimizer, step, data: batches, epochs: 40 });
    expect(history.epochs.at(-1)!.train.loss).toBeLessThan(0.01);
  });

  it("leaves the modes of layers below the model", async () => {
    const { data, loss } = line();
    const frozen = new Tanh().eval();
    const model = new Sequential(new Linear(1, 4), frozen, new Linear(4, 1));
    const optimizer = new Adam(model.parameters());
    await fit({ model, optimizer, loss, data, validation: data, epochs: 1 });
    expect([model.training, frozen.training]).toEqual([true, false]);
  });
});

describe("the best epoch", () => {
  it("ends training after some that are not better, and gives its weights back", async () => {
    const run = scripted([3, 1, 2, 1.5, 1.2, 0]);
    const history = await fit({ ...run, patience: 3, restoreBest: true });
    expect([history.best, history.reason, history.epochs.length]).toEqual([
      { epoch: 2, value: 1 },
      "patience",
      5,
    ]);
    expect(run.model.weight.item()).toBe(1);
  });

  it.each([
    ["min", 0, 4],
    ["min", 0.5, 2],
    ["max", 0, 3],
  ] as const)("is that of mode %s, by more than %s", async (mode, minDelta, epoch) => {
    const history = await fit({ ...scripted([2, 1, 4, 0.6, Number.NaN]), mode, minDelta });
    expect(history.best!.epoch).toBe(epoch);
  });

  it("is told before the end of its epoch, with a state that can be saved", async () => {
    const told: string[] = [];
    const { callbacks, ...run } = scripted([2, 1, 3]);
    const listener: Callback = {
      onBest: ({ epoch, trainer }) => told.push(`best ${epoch}, ${trainer.stateDict().epoch}`),
      onEpochEnd: async ({ epoch }) => void told.push(`end ${epoch}`),
      onEnd: ({ reason }) => told.push(reason),
    };
    await fit({ ...run, callbacks: [...callbacks, listener] });
    expect(told).toEqual(["best 1, 1", "end 1", "best 2, 2", "end 2", "end 3", "epochs"]);
  });

  it("lowers the rate when there is none for a while", async () => {
    const run = scripted([1, 2, 2, 2]);
    run.optimizer.paramGroups[0]!.lr = 0;
    const optimizer = new SGD(run.model.parameters(), { lr: 1e-30 });
    const scheduler = new ReduceLROnPlateau(optimizer, { patience: 1, factor: 0.5, eps: 0 });
    const history = await fit({ ...run, optimizer, scheduler });
    expect(history.epochs.map(({ lr }) => lr)).toEqual([1e-30, 1e-30, 1e-30, 5e-31]);
  });
});

describe("the end", () => {
  it("comes after the step in which a signal is aborted", async () => {
    const controller = new AbortController();
    const steps: number[] = [];
    const callbacks: Callback[] = [
      {
        onStep: ({ step, batch, batches }) => {
          steps.push(step, batch, batches!);
          if (step === 4) controller.abort();
        },
      },
    ];
    const trainer = new Trainer({ ...line(), epochs: 5, callbacks, signal: controller.signal });
    const history = await trainer.run();
    expect([history.reason, history.epochs.length]).toEqual(["signal", 1]);
    expect(steps).toEqual([1, 1, 3, 2, 2, 3, 3, 3, 3, 4, 1, 3]);
    expect((await trainer.run()).epochs).toHaveLength(1);
  });

  it("can be asked for after an epoch", async () => {
    const stopping: Callback = { onEpochEnd: ({ epoch, stop }) => (epoch === 2 ? stop() : undefined) };
    const history = await fit({ ...line(), epochs: 5, callbacks: [stopping] });
    expect([history.reason, history.epochs.length]).toEqual(["callback", 2]);
  });
});

describe("evaluate", () => {
  it("weighs batches by their rows", async () => {
    const { model, loss, data } = line(23);
    const { loss: measured } = await evaluate({ model, loss, data });
    const { loss: whole } = await evaluate({ model, loss, data: line(24).data });
    expect(measured).toBeCloseTo(whole, 6);
  });
});

describe("what is written", () => {
  it("is a line of text, and a row of CSV, for each epoch", async () => {
    const [lines, rows]: [string[], string[]] = [[], []];
    const { callbacks, ...run } = scripted([0.25, 2]);
    const writers = [epochLines((text) => lines.push(text)), csvLogger((row) => rows.push(row))];
    await fit({ ...run, callbacks: [...callbacks, ...writers] });
    expect(lines).toEqual([
      "epoch 1/2: loss 0.25, validation loss 0.25 (best)",
      "epoch 2/2: loss 0.25, validation loss 2",
    ]);
    expect(rows).toEqual(["epoch,step,lr,loss,validation loss\n", "1,1,0,0.25,0.25\n", "2,2,0,0.25,2\n"]);
  });
});

describe("errors", () => {
  const { model, optimizer, loss, data } = line();
  const pair: [Tensor, Tensor] = [full([1, 1], 1), full([1, 1], 1)];
  it.each<[string, () => unknown, string]>([
    ["no loss", () => fit({ model, optimizer, data, epochs: 1 }), "fit: there is neither a loss nor a step"],
    [
      "no data",
      () => fit({ model, optimizer, loss, data: [], epochs: 1 }),
      "fit: there are no batches; pass data with at least one",
    ],
    [
      "batches that are no pairs",
      () => fit({ model, optimizer, loss, data: [pair[0]] as never, epochs: 1 }),
      "fit: a batch is not a pair of tensors, input and target; pass a step of your own",
    ],
    [
      "a metric that is not there",
      () => fit({ model, optimizer, loss, data, epochs: 1, monitor: "accuracy" as never }),
      'fit: there is no metric "accuracy" to monitor; there are: loss',
    ],
    [
      "no epochs",
      () => fit({ model, optimizer, loss, data, epochs: 0 }),
      "fit: epochs must be a whole number from 1 on, got 0",
    ],
    ["no data to evaluate", () => evaluate({ model, loss, data: [] }), "evaluate: there are no batches"],
  ])("name %s", async (_, call, message) => {
    await expect(async () => call()).rejects.toThrow(message);
  });

  it("name a state of something else, with nothing changed", () => {
    const trainer = new Trainer({ model, optimizer, loss, data, epochs: 1 });
    const state = trainer.stateDict();
    expect(() => trainer.loadStateDict({ ...state, epoch: 3 })).toThrow(
      "Trainer.loadStateDict: it is not the state of a trainer like this; make the trainer as it was when it was saved",
    );
    expect(() => trainer.loadStateDict(null as never)).toThrow("Trainer.loadStateDict: it is not");
  });
});
