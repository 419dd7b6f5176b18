/** Milliseconds from one nudge to the next: so many, then ever more, up to the most. */
const wait = { first: 0.25, growth: 1.5, most: 8 };

/** As much of a MessagePort as matters here: the types of browsers and of Node have no more in common. */
interface Port {
  onmessage: ((event: unknown) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** Timers of browsers are no finer than this. What is shorter, for five milliseconds in all, goes by turns. */
const finest = 2;

/**
 * Makes a device look for work that it has finished while somebody waits for that. Browsers look when they are
 * given commands, and otherwise seldom: Chromium every two milliseconds, Firefox every hundred
 * (https://bugzilla.mozilla.org/show_bug.cgi?id=1870699). So they are given empty ones.
 */
export class Nudge {
  private readonly queue: GPUQueue;
  private waiting = 0;
  private isRunning = false;
  private wait = wait.first;

  constructor(queue: GPUQueue) {
    this.queue = queue;
  }

  /** Nudges until the promise is settled, and settles like it. */
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
    /** The others' turn. */
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
