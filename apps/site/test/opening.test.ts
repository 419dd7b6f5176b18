import { expect, test } from "vitest";
import { describeSite, isMounted, visit } from "./visit";

/** Runs in a page: whether its figure shows what the library has computed. */
const isTrained = () => {
  const readings = [...document.querySelectorAll(".readings div")];
  const isLossKnown = readings.some((one) => /loss/i.test(one.textContent) && one.querySelector("data"));
  return isLossKnown || document.querySelector(".racers td:last-child data, .line.is-lit") !== null;
};

/** Keeps the times, in milliseconds after the page was opened, at which it was mounted and had trained. */
const watch = `{
  const times = { mounted: undefined, trained: undefined };
  globalThis.times = times;
  const look = () => {
    if (document.querySelector("#app") && (${isMounted})()) times.mounted ??= performance.now();
    if (times.mounted !== undefined && (${isTrained})()) times.trained = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}`;

interface Times {
  readonly mounted: number;
  readonly trained: number;
}

describeSite("a page that is opened", () => {
  test.each([
    "lesson/mountain",
    "lesson/loop",
    "lesson/rate",
    "lesson/batches",
    "lesson/walkers",
    "play/classifier",
  ])("starts to train within a second: %s", async (path) => {
    const open = async () => {
      const { page } = await visit(path, { script: watch });
      await page.locator("figure.figure").first().scrollIntoViewIfNeeded();
      await page.waitForFunction(isTrained);
      const { mounted, trained } = await page.evaluate(
        () => (globalThis as unknown as { times: Times }).times,
      );
      // On a machine that is busy with other things, even a page without figures takes longer.
      return trained / Math.max(1000, 4.5 * mounted);
    };
    await expect.poll(open).toBeLessThanOrEqual(1);
  });
});
