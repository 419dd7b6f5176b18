import { DeviceError, internal } from "@thalweg/kernels";

/**
 * Errors that happen on the device while nobody waits for it. The next operation or read after one is known
 * throws it.
 */
export class Faults {
  /** Resolves when the device is lost, with the error to throw. */
  readonly lost: Promise<Error>;
  private fault: Error | null = null;
  private loss: Error | null = null;
  /** Error scopes that have not been answered yet. Reads wait for them. */
  private readonly pending = new Set<Promise<void>>();

  constructor(device: GPUDevice) {
    this.lost = device.lost.then(({ reason, message }) => {
      this.loss = new DeviceError(
        "webgpu",
        `the device was lost, ${reason === "destroyed" ? "it was destroyed" : message || "for no stated reason"}`,
        "call initWebGPU() again, and create the tensors again",
      );
      return this.loss;
    });
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.report(internal(`the device refused a command: ${event.error.message}`));
    });
  }

  /** Records an error. An earlier one that was not thrown yet takes precedence. */
  report(fault: Error): void {
    this.fault ??= fault;
  }

  /** Reports `explain()` if the error scope catches an error. */
  watch(scope: Promise<GPUError | null>, explain: () => Error): void {
    const check = scope.then(
      (error) => {
        if (error !== null) this.report(explain());
      },
      () => {},
    );
    this.pending.add(check);
    check.then(() => this.pending.delete(check));
  }

  /** Waits for all pending error scopes. */
  async settle(): Promise<void> {
    if (this.pending.size > 0) await Promise.all(this.pending);
  }

  /** Throws the recorded error once. After the loss of the device it throws every time. */
  check(): void {
    const { fault, loss } = this;
    this.fault = null;
    if (loss !== null) throw loss;
    if (fault !== null) throw fault;
  }
}
