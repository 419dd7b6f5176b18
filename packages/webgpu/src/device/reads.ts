import { internal } from "@thalweg/kernels";
import type { Block } from "./block";
import type { Faults } from "./faults";
import type { IndexFaults } from "./index-faults";
import { Nudge } from "./nudge";
import { Pool } from "./pool";
import type { Recorder } from "./recorder";

/** Reads elements from the device, through a pool of buffers that can be mapped. */
export class Reads {
  private readonly recorder: Recorder;
  private readonly faults: Faults;
  private readonly indexFaults: IndexFaults;
  private readonly staging: Pool;
  private readonly nudge: Nudge;

  constructor(device: GPUDevice, recorder: Recorder, faults: Faults, indexFaults: IndexFaults) {
    this.recorder = recorder;
    this.faults = faults;
    this.indexFaults = indexFaults;
    this.nudge = new Nudge(device.queue);
    const usage = 0x1 | 0x8; // MAP_READ | COPY_DST
    this.staging = new Pool((size) => device.createBuffer({ size, usage }), Number.POSITIVE_INFINITY);
  }

  /**
   * Reads `count` elements from `start` on, as all commands recorded so far leave them.
   *
   * @throws the error that happened on the device since the last read, such as an index out of range.
   */
  async read(block: Block, start: number, count: number): Promise<Float32Array> {
    const { recorder, faults, indexFaults, staging } = this;
    faults.check();
    const bytes = 4 * count;
    // Offsets of mapped ranges are multiples of 8.
    const notes = 8 * Math.ceil(bytes / 8);
    const target = staging.acquire(notes + indexFaults.bytes, { whole: true });
    recorder.copy(block, 4 * start, target, 0, bytes);
    const hasNotes = indexFaults.collect(recorder, target, notes);
    recorder.submit();
    const { buffer } = target.memory;
    await this.nudge.until(this.unlessLost(buffer.mapAsync(0x1)));
    const values = buffer.getMappedRange(0, bytes).slice(0);
    const noted = hasNotes ? buffer.getMappedRange(notes, indexFaults.bytes).slice(0) : null;
    buffer.unmap();
    staging.release(target, 0);
    staging.trim(0);
    await faults.settle();
    faults.check();
    if (noted !== null) indexFaults.check(new Uint32Array(noted));
    return new Float32Array(values);
  }

  private async unlessLost(mapped: Promise<undefined>): Promise<void> {
    const { lost } = this.faults;
    let refusal: Error | null = null;
    const failed = mapped.then(
      () => null,
      (error: Error) => {
        refusal = error;
        // When a device is lost, mapping fails before the loss is announced.
        return Promise.race([lost, new Promise<null>((settle) => setTimeout(settle, 1000, null))]);
      },
    );
    const loss = await Promise.race([failed, lost]);
    if (loss !== null) throw loss;
    this.faults.check();
    if (refusal !== null) throw internal(`the device could not be read: ${(refusal as Error).message}`);
  }
}
