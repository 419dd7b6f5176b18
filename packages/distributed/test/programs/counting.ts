import type { Communicator } from "../../src/index";

/** A call of a collective. */
export interface Message {
  readonly collective: string;
  /** What a rank sends. */
  readonly bytes: number;
}

const sending = ["allReduce", "startAllReduce", "broadcast", "allGather", "reduceScatter"];

/** The same world, which notes what is sent. */
export function counting(world: Communicator): { readonly world: Communicator; readonly sent: Message[] } {
  const sent: Message[] = [];
  const counted = new Proxy(world, {
    get(target, name) {
      const value = Reflect.get(target, name, target) as unknown;
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        const [own] = args as [ArrayBufferView];
        if (sending.includes(String(name))) sent.push({ collective: String(name), bytes: own.byteLength });
        return (value as (...args: unknown[]) => unknown).apply(target, args);
      };
    },
  });
  return { world: counted, sent };
}
