import { DeviceError, internal } from "@thalweg/kernels";

/**
 * What goes wrong on the device while nobody waits for it. The next operation or read after it is known
 * throws it.
 */
export class Faults {
  /** Settles when the device is lost, with the error that says so. */
  readonly lost: Promise<Error>;
  private fault: Error | null = null;
  private loss: Error | null = null;
  /** Checks under way, for reads to wait for. */
  private readonly pending = new Set<Promise<void>>();

  constructor(device: GPUDevice) {
    this.lost = device.lost.then(({ reason, message }) => {
      this.loss = new DeviceError(
        "webgpu",
        `the device was lost, ${reason === "destroyed" ? "it was destroyed" : message || "for no stated reason"}`,
        "call initWebGPU() for another, and make the tensors anew",
      );
      return this.loss;
    });
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.report(internal(`the device refused a command: ${event.error.message}`));
    });
  }

  /** Notes an error, unless there is an earlier one. */
  report(fault: Error): void {
    this.fault ??= fault;
  }

  /** Reports `explain()` if an error scope comes to catch something. */
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

  /** Waits for checks that are under way. */
  async settle(): Promise<void> {
    if (this.pending.size > 0) await Promise.all(this.pending);
  }

  /** Throws what went wrong, once; that the device is lost, always. */
  check(): void {
    const { fault, loss } = this;
    this.fault = null;
    if (loss !== null) throw loss;
    if (fault !== null) throw fault;
  }
}
