import { expose } from "comlink";

/** Lets the page call the functions of a program. */
export function offer(program: object): void {
  expose(program);
  // Whatever is sent before this moment would be lost.
  postMessage("ready");
}
