/** Milliseconds between nudges: the first interval, its growth, and the longest one. */
const wait = { first: 0.25, growth: 1.5, most: 8 };

/** The part of `MessagePort` that is used here, which the types of browsers and of Node have in common. */
interface Port {
  onmessage: ((event: unknown) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** Resolution of timers in browsers, in milliseconds. Shorter waits, five milliseconds in all, poll by messages instead. */
const finest = 2;

/**
 * Makes a browser look for finished work while somebody waits for it. Browsers look when commands are submitted, and
 * otherwise seldom: Chromium every 2 ms, Firefox every 100 ms
 * (https://bugzilla.mozilla.org/show_bug.cgi?id=1870699). So this submits empty command lists.
 */
export class Nudge {
  private readonly queue: GPUQueue;
  private waiting = 0;
  private isRunning = false;
  private wait = wait.first;

  constructor(queue: GPUQueue) {
    this.queue = queue;
  }

  /** Nudges until the promise settles. The result settles in the same way. */
  async until<T>(promise: Promise<T>): Promise<T> {
    this.wait = wait.first;
    this.waiting++;
    if (!this.isRunning) this.run();
    try {
      return await promise;
    } finally {
      this.waiting--;
    }
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    const { port1, port2 } = new MessageChannel() as unknown as Readonly<Record<"port1" | "port2", Port>>;
    /** Lets other tasks run. */
    const turn = () =>
      new Promise<unknown>((resolve) => {
        port1.onmessage = resolve;
        port2.postMessage(null);
      });
    let last = performance.now();
    while (this.waiting > 0) {
      if (this.wait < finest) await turn();
      else await new Promise((resolve) => setTimeout(resolve, this.wait));
      if (this.waiting === 0 || performance.now() - last < this.wait) continue;
      this.queue.submit([]);
      last = performance.now();
      this.wait = Math.min(wait.growth * this.wait, wait.most);
    }
    port1.close();
    this.isRunning = false;
  }
}
