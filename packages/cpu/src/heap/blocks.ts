/** The size of a block for `bytes`: rounded up to one of four steps in each octave, so that similar blocks replace each other. */
export function blockSize(bytes: number): number {
  const step = Math.max(64, 2 ** (29 - Math.clz32(Math.max(bytes, 1) - 1)));
  return Math.ceil(bytes / step) * step;
}

interface Extent {
  readonly address: number;
  readonly size: number;
}

/**
 * The free parts of a range of addresses. A freed block waits for a request of its own size. The block freed last is
 * reused first, because it is probably in the caches. Neighbours are joined only when nothing else is left.
 */
export class Blocks {
  /** Bytes in blocks that are taken. */
  taken = 0;
  private top: number;
  private readonly end: number;
  private readonly waiting = new Map<number, number[]>();
  private joined: Extent[] = [];

  constructor(start: number, end: number) {
    this.top = start;
    this.end = end;
  }

  /** The end of the highest block that was taken since neighbours were last joined. */
  get reached(): number {
    return this.top;
  }

  /** Takes a block of `size` bytes, a result of {@link blockSize}. Returns its address, or -1 when there is no room. */
  take(size: number): number {
    let address = this.waiting.get(size)?.pop() ?? this.takeJoined(size) ?? this.takeTop(size);
    if (address === undefined && this.join()) address = this.takeJoined(size) ?? this.takeTop(size);
    if (address === undefined) return -1;
    this.taken += size;
    return address;
  }

  give(address: number, size: number): void {
    this.taken -= size;
    const stack = this.waiting.get(size);
    if (stack === undefined) this.waiting.set(size, [address]);
    else stack.push(address);
  }

  private takeTop(size: number): number | undefined {
    if (this.top + size > this.end) return undefined;
    this.top += size;
    return this.top - size;
  }

  private takeJoined(size: number): number | undefined {
    const at = this.joined.findIndex((extent) => extent.size >= size);
    if (at < 0) return undefined;
    const { address, size: room } = this.joined[at]!;
    if (room === size) this.joined.splice(at, 1);
    else this.joined[at] = { address: address + size, size: room - size };
    return address;
  }

  /** Joins neighbouring free blocks; false when no block was waiting. */
  private join(): boolean {
    const extents = [...this.waiting].flatMap(([size, stack]) => stack.map((address) => ({ address, size })));
    if (extents.length === 0) return false;
    this.waiting.clear();
    const joined: Extent[] = [];
    for (const extent of [...extents, ...this.joined].sort((a, b) => a.address - b.address)) {
      const last = joined.at(-1);
      if (last === undefined || last.address + last.size < extent.address) joined.push(extent);
      else joined[joined.length - 1] = { address: last.address, size: last.size + extent.size };
    }
    const highest = joined.at(-1)!;
    if (highest.address + highest.size === this.top) {
      this.top = highest.address;
      joined.pop();
    }
    this.joined = joined;
    return true;
  }
}
