import { arrive } from "./arrive";

addEventListener("message", async ({ data }: MessageEvent<Parameters<typeof arrive>>) => {
  try {
    postMessage(await arrive(...data));
  } catch (error) {
    postMessage(String(error));
  }
});
