import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPixels } from "digits/digits";
import { imagesOf, standardised } from "digits/images";
import { brightness } from "digits/packed";
import { Session } from "digits/session";
import { defaults } from "digits/settings";
import { stepOf, training } from "digits/train";
import type { Locator, Page } from "playwright-core";
import { type ByteSource, crossEntropy, loadCheckpoint, noGrad, saveCheckpoint, Tensor } from "thalweg";
import { afterAll, expect, test, vi } from "vitest";
import { examples } from "../src/figures/digits/examples";
import { rasterise } from "../src/figures/digits/rasterise";
import { drawing } from "../src/figures/digits/strokes";
import { describeSite, expectPresentable, expectSmall, openings, type Reader, visit } from "./visit";

const names = {
  en: {
    train: "Train",
    goOn: "Go on",
    pause: "Pause",
    reset: "Reset",
    save: "Save",
    load: "Load",
    clear: "Clear",
    testDigit: "A test digit",
  },
  zh: {
    train: "开始训练",
    goOn: "接着训练",
    pause: "暂停",
    reset: "重来",
    save: "保存",
    load: "载入",
    clear: "擦掉",
    testDigit: "来个测试数字",
  },
};
const addresses = { en: "play/digits", zh: "zh/play/digits" };

const folder = mkdtempSync(join(tmpdir(), "site-digits-"));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string) => join(folder, name);

const images = imagesOf(readPixels());
/** Batches this large make a short epoch. */
const settings = { ...defaults, seed: 3, batchSize: 400 };
const query = `?digits.seed=${settings.seed}&digits.batch=${settings.batchSize}`;

/** Trains as the program in the terminal does, without a step compiled, until so many epochs are done. */
async function trained(session: Session, epochs: number): Promise<Session> {
  for await (const _ of training(session, stepOf(session, false), epochs));
  return session;
}

/** Opens the page, and waits for the first guess. */
async function open(language: "en" | "zh", search = "", reader: Reader = {}) {
  const opened = await visit(`${addresses[language]}${search}`, { ...reader, language });
  const { page } = opened;
  await page.locator("figure.figure").scrollIntoViewIfNeeded();
  await page.locator(".bars .is-guess").waitFor();
  const button = (name: keyof (typeof names)["en"]) =>
    page.getByRole("button", { name: names[language][name], exact: true });
  return { ...opened, button };
}

const valueOf = async (data: Locator) => Number(await data.getAttribute("value"));

/** Waits until so many epochs are done. */
const expectEpochs = (page: Page, epochs: number) =>
  expect.poll(() => valueOf(page.locator("data.epoch"))).toBe(epochs);

/** The probabilities of the ten digits. */
const probabilities = (page: Page) =>
  page.locator(".bars data").evaluateAll((all) => all.map((one) => Number(one.getAttribute("value"))));

/** Draws on the pad, with lines between places from 0 to 1. */
async function draw(page: Page, places: readonly (readonly [number, number])[]): Promise<void> {
  const { x, y, width } = (await page.locator(".pad").boundingBox())!;
  const at = ([px, py]: readonly [number, number]) => [x + width * px, y + width * py] as const;
  await page.mouse.move(...at(places[0]!));
  await page.mouse.down();
  for (const place of places.slice(1)) await page.mouse.move(...at(place), { steps: 8 });
  await page.mouse.up();
}

async function download(page: Page, save: Locator): Promise<string> {
  const [saved] = await Promise.all([page.waitForEvent("download"), save.click()]);
  const path = inFolder(`${Math.random()}-${saved.suggestedFilename()}`);
  await saved.saveAs(path);
  return path;
}

/** Tensors as something that can be compared. */
function plain(value: unknown): unknown {
  if (value instanceof Tensor) return { shape: value.shape, data: value.dataSync() };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}

/** All that a checkpoint holds. */
const contentOf = async (saved: ByteSource) => plain(await loadCheckpoint(saved));

const choose = (page: Page, path: string) => page.locator("input[type=file]").setInputFiles(path);

/** Runs the program in a terminal, on the published builds, which start three times as fast as the sources. */
async function digits(...args: string[]): Promise<string> {
  const program = join(import.meta.dirname, "../../digits/src/main.ts");
  const node = ["--import", import.meta.resolve("tsx")];
  const child = spawn(process.execPath, [...node, program, ...args], { cwd: folder });
  let text = "";
  child.stdout.on("data", (data) => {
    text += data;
  });
  await once(child, "close");
  return text;
}

test("drawings are centred by their mass, as large as a box of 20 pixels", () => {
  for (const strokes of examples) {
    const pixels = rasterise(strokes);
    const at = [...pixels].map((value, i) => [value, i % 28, Math.floor(i / 28)] as const);
    const mass = at.reduce((sum, [value]) => sum + value, 0);
    const mean = (axis: 1 | 2) => at.reduce((sum, pixel) => sum + pixel[0] * (pixel[axis] + 0.5), 0) / mass;
    expect(mean(1)).toBeCloseTo(14, 1);
    expect(mean(2)).toBeCloseTo(14, 1);
    const inked = at.filter(([value]) => value > 20);
    const extent = (axis: 1 | 2) => {
      const places = inked.map((pixel) => pixel[axis]);
      return Math.max(...places) - Math.min(...places) + 1;
    };
    expect(Math.max(extent(1), extent(2))).toBeGreaterThanOrEqual(20);
    expect(Math.max(extent(1), extent(2))).toBeLessThanOrEqual(22);
  }
  expect(rasterise([]).some((value) => value > 0)).toBe(false);
  // Where it is drawn does not matter, nor how large.
  const large = rasterise(examples[3]!);
  const small = examples[3]!.map((stroke) => stroke.map(([x, y]) => [x / 2 + 3, y / 2 + 9] as const));
  const difference = rasterise(small).map((value, i) => Math.abs(value - large[i]!));
  expect(Math.max(...difference)).toBeLessThan(3);
});

test("an address holds a drawing exactly, or is refused", () => {
  const field = drawing([]);
  for (const strokes of [...examples, []]) expect(field.parse(field.format(strokes))).toEqual(strokes);
  for (const text of ["A", "AB.", "A B", "AB..CD", "ÄÖ"]) expect(field.parse(text)).toBeUndefined();
});

describeSite("the playground of digits", () => {
  test.each(["en", "zh"] as const)(
    "learns to read, saves, and reads the same after loading: %s",
    async (language) => {
      const { page, button, fetched } = await open(language, `${query}&digits.epochs=2&digits.device=cpu`);
      expect(Math.max(...(await probabilities(page)))).toBeLessThan(0.4);
      expect((await fetched()).some(({ path }) => path.endsWith(".bin"))).toBe(false);
      await button("train").click();
      await expectEpochs(page, 2);
      expect(await valueOf(page.locator("data.accuracy"))).toBeGreaterThan(0.85);
      expect(await valueOf(page.locator("data.rate"))).toBeGreaterThan(100);
      const file = (await fetched()).find(({ path }) => path.endsWith(".bin"));
      expect(await page.locator("main").textContent()).toContain(language === "en" ? "ten thousand" : "一万");
      expect(file!.size / 1e6).toBeCloseTo(1.6, 1);

      // A test digit that was misread, as the program in Node reads it.
      const path = await download(page, button("save"));
      const session = await Session.resume(path, images);
      const first = page.locator(".mistakes button").first();
      await first.click();
      await page.waitForURL((url) => url.searchParams.has("digits.image"));
      const image = Number(new URL(page.url()).searchParams.get("digits.image"));
      const pixels = images.tensors[0].select(0, image).unsqueeze(0);
      session.model.eval();
      const expected = noGrad(() => session.model.forward(pixels).softmax(1)).toArray();
      await expect.poll(() => probabilities(page)).toEqual((expected as number[][])[0]);

      const again = await open(language, new URL(page.url()).search);
      await choose(again.page, path);
      await expect.poll(() => probabilities(again.page)).toEqual(await probabilities(page));
      expect(await valueOf(again.page.locator("data.epoch"))).toBe(2);
      expect(await valueOf(again.page.locator("data.accuracy"))).toBe(
        await valueOf(page.locator("data.accuracy")),
      );
      await again.button("reset").click();
      await expectEpochs(again.page, 0);
      await again.button("clear").click();
      await expect.poll(() => again.page.locator(".is-guess").count()).toBe(0);
    },
  );

  test("training goes on in Node as if it had never been elsewhere, and the other way round", async () => {
    const whole = await trained(new Session(settings, images), 2);
    const expected = await contentOf(await whole.bytes());

    const here = await open("en", `${query}&digits.epochs=1`);
    await here.button("train").click();
    // Guesses in the middle of training change nothing.
    await draw(here.page, [
      [0.3, 0.2],
      [0.7, 0.8],
    ]);
    await expectEpochs(here.page, 1);
    const path = await download(here.page, here.button("save"));
    const text = await digits("--resume", path, "--epochs", "2");
    expect(text).toContain("going on in epoch 2");
    expect(await contentOf(path)).toEqual(expected);

    const begun = await trained(new Session(settings, images), 1);
    const file = inFolder("begun.safetensors");
    writeFileSync(file, await begun.bytes());
    const there = await open("en", "?digits.epochs=2");
    await choose(there.page, file);
    await expectEpochs(there.page, 1);
    await there.button("goOn").click();
    await expectEpochs(there.page, 2);
    expect(await contentOf(await download(there.page, there.button("save")))).toEqual(expected);
  });

  test("reads a one that is drawn with the mouse, and what is drawn is in the address", async () => {
    const { page, button } = await open("en", `${query}&digits.epochs=1`);
    await button("train").click();
    await expectEpochs(page, 1);
    await button("clear").click();
    await draw(page, [
      [0.52, 0.15],
      [0.5, 0.85],
    ]);
    await expect.poll(() => page.locator(".verdict").textContent()).toMatch(/^Its guess: 1,/);
    await page.waitForURL((url) => url.searchParams.has("digits.strokes"));
    const session = await trained(new Session(settings, images), 1);
    session.model.eval();
    // A part of the stroke is read as a one, too, and may be in the address for a while.
    await vi.waitFor(
      async () => {
        const strokes = drawing([]).parse(new URL(page.url()).searchParams.get("digits.strokes")!)!;
        const seen = standardised(brightness(rasterise(strokes)));
        const expected = noGrad(() => session.model.forward(seen).softmax(1)).toArray();
        expect(await probabilities(page)).toEqual((expected as number[][])[0]);
      },
      { timeout: 300_000, interval: 100 },
    );
    const again = await open("en", new URL(page.url()).search);
    expect(await again.page.locator(".pad path").getAttribute("d")).toBe(
      await page.locator(".pad path").getAttribute("d"),
    );
  });

  test("pauses, goes on, and answers the pad while it trains", async () => {
    const { page, button } = await open("en", "?digits.model=cnn&digits.batch=32&digits.epochs=100");
    await button("train").click();
    await page.locator("data.loss").waitFor();
    const before = await probabilities(page);
    await page.getByRole("button", { name: "Put a 7 on the pad" }).click();
    await expect.poll(() => probabilities(page)).not.toEqual(before);
    await button("pause").click();
    await expect.poll(() => button("goOn").count()).toBe(1);
    await page.waitForTimeout(300);
    const paused = await valueOf(page.locator("data.epoch"));
    await page.waitForTimeout(300);
    expect(await valueOf(page.locator("data.epoch"))).toBe(paused);
    expect(paused).toBeLessThan(100);
    await button("goOn").click();
    await expect.poll(() => valueOf(page.locator("data.epoch"))).toBeGreaterThan(paused);
    // Another network begins anew.
    await page.getByText("MLP", { exact: true }).first().click();
    await expectEpochs(page, 0);
    await expect.poll(() => page.locator(".tiles canvas").count()).toBe(32);
    expect(await button("train").count()).toBe(1);
  });

  test("goes on though it was paused a moment ago", async () => {
    const { page, button } = await open("en", "?digits.model=cnn&digits.batch=256&digits.epochs=100");
    await button("train").click();
    await page.locator("data.loss").waitFor();
    // Sooner than a step ends.
    await button("pause").evaluate(async (pause: HTMLElement) => {
      const { parentElement } = pause;
      pause.click();
      await new Promise((resolve) => setTimeout(resolve));
      parentElement!.querySelector("button")!.click();
    });
    const epoch = await valueOf(page.locator("data.epoch"));
    const state = async () => ({
      isGoingOn: (await valueOf(page.locator("data.epoch"))) > epoch + 0.1,
      buttons: await page.locator(".buttons button").allTextContents(),
      alerts: await page.getByRole("alert").allTextContents(),
    });
    await expect.poll(state).toMatchObject({ isGoingOn: true, alerts: [] });
    await button("pause").click();
  });

  test.each(["en", "zh"] as const)(
    "says why a file cannot be used, and changes nothing: %s",
    async (language) => {
      const { page, button } = await open(language, `${query}&digits.epochs=1`);
      await button("train").click();
      await expectEpochs(page, 1);
      const before = await probabilities(page);
      const kept = readFileSync(await download(page, button("save")));
      const half = kept.subarray(0, kept.length / 2);
      const other = await saveCheckpoint({ epoch: 1 });
      const alert = page.getByRole("alert");
      for (const [name, bytes, said] of [
        ["notes.txt", Buffer.from("not a checkpoint"), { en: "a header of", zh: "或者坏了" }],
        ["half.safetensors", half, { en: "half.safetensors cannot be used", zh: "half.safetensors 用不了" }],
        [
          "other.safetensors",
          Buffer.from(other),
          { en: "a checkpoint of another program", zh: "这是别的程序的检查点" },
        ],
      ] as const) {
        await page.locator("input[type=file]").setInputFiles({ name, mimeType: "", buffer: bytes });
        await expect.poll(() => alert.textContent()).toContain(said[language]);
      }
      expect(await probabilities(page)).toEqual(before);
      expect(readFileSync(await download(page, button("save"))).equals(kept)).toBe(true);
    },
  );

  test("trains on WebGPU, and goes on there with what the CPU has begun", async () => {
    const { page, button } = await open("en", "?digits.batch=250&digits.epochs=100");
    await button("train").click();
    await page.locator("data.loss").waitFor();
    await button("pause").click();
    await page.getByText("WebGPU", { exact: true }).click();
    await button("goOn").click();
    const begun = await valueOf(page.locator("data.epoch"));
    await expect.poll(() => valueOf(page.locator("data.epoch"))).toBeGreaterThan(begun + 0.1);
    await button("pause").click();
    const session = await Session.resume(await download(page, button("save")), images);
    const [batch, digits] = images.tensors.map((tensor) => tensor.narrow(0, 0, 500)) as [Tensor, Tensor];
    session.model.eval();
    expect(noGrad(() => crossEntropy(session.forward(batch), digits)).item()).toBeLessThan(2.2);
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  test("does without WebGPU and says so, and without threads", async () => {
    const reader = { hasWebGPU: false, isIsolated: false };
    const { page, button } = await open("en", `${query}&digits.epochs=1`, reader);
    expect(await page.getByRole("radio", { name: "WebGPU" }).isDisabled()).toBe(true);
    expect(await page.locator("figure.figure").textContent()).toContain("this browser has none");
    await button("train").click();
    await expectEpochs(page, 1);
    const session = await trained(new Session(settings, images), 1);
    const saved = await contentOf(await download(page, button("save")));
    expect(saved).toEqual(await contentOf(await session.bytes()));
  });

  test("computes on the CPU where WebGPU fails in the worker, and says why", async () => {
    const { page, button } = await open("en", `${query}&digits.epochs=1&digits.device=webgpu`, {
      hasWebGPU: "page",
    });
    await expect
      .poll(() => page.getByRole("alert").textContent())
      .toMatch(/^The CPU trains, since WebGPU failed: .*no adapter today/);
    expect(await page.getByRole("radio", { name: "CPU" }).isChecked()).toBe(true);
    await button("train").click();
    await expectEpochs(page, 1);
  });

  test("works by keyboard alone, without motion", async () => {
    const { page, button } = await open("en", `${query}&digits.epochs=1`, { isStill: true });
    await button("testDigit").focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator(".reading").textContent()).toMatch(/a test digit, \d/);
    await page.getByRole("button", { name: "Put a 5 on the pad" }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator(".reading").textContent()).not.toContain("test digit");
    await button("train").focus();
    await page.keyboard.press("Space");
    await expectEpochs(page, 1);
    await page.getByRole("radio", { name: "MLP" }).focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => page.locator(".tiles canvas").count()).toBe(16);
    expect(new URL(page.url()).searchParams.get("digits.epochs")).toBe("1");
  });

  test.each(openings)("is accessible, fits and is small: %s, opened on a %s", async (language, screen) => {
    const opened = await open(language, `${query}&digits.epochs=1`, { screen });
    const { page, button } = opened;
    await expectSmall(opened);
    await expectPresentable(page, language, "digits");
    await button("train").click();
    await expectEpochs(page, 1);
    await expectPresentable(page, language, "digits-trained");
  });
});
