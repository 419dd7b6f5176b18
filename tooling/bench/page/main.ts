import type { Input, Problem } from "../src/contestant";
import { starts } from "../src/contestants/starts";
import type { Commands } from "../src/remote";
import type { ScriptId } from "../src/roster";
import { Stage } from "../src/stage";

/** The functions that the bench calls; arrays travel as the bytes of their float32 numbers, in base 64. */
export interface Page {
  prepare(problem: Problem, inputs: readonly { shape: readonly number[]; bytes: string }[]): boolean;
  run(count: number): Promise<number>;
  result(): Promise<string>;
  commands(): Commands;
}

const commands = { dispatches: 0, submits: 0 };
let withheld = false;

const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
GPUComputePassEncoder.prototype.dispatchWorkgroups = function (...values) {
  commands.dispatches++;
  return dispatchWorkgroups.apply(this, values);
};
const { submit } = GPUQueue.prototype;
GPUQueue.prototype.submit = function (buffers) {
  commands.submits++;
  return submit.call(this, withheld ? [] : buffers);
};

function decode({ shape, bytes }: { shape: readonly number[]; bytes: string }): Input {
  const values = Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0));
  return { shape, values: new Float32Array(values.buffer) };
}

function encode(values: Float32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

const start = await starts[location.hash.slice(1) as ScriptId]();
const stage = new Stage(await start("webgpu"), (on) => {
  withheld = on;
});

const page: Page = {
  prepare: (problem, inputs) => stage.prepare(problem, inputs.map(decode)),
  run: (count) => stage.run(count),
  result: async () => encode(await stage.result()),
  commands: () => ({ ...commands }),
};
Object.assign(globalThis, { page });
