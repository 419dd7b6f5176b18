/** The part of the WebAssembly interface that is used. Neither Node's types nor plain TypeScript libraries declare it. */
interface WebAssemblyInterface {
  readonly Memory: new (limits: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: boolean;
  }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Record<string, Record<string, unknown>>,
  ) => { readonly exports: Record<string, unknown> };
}

/** Linear memory, in pages of 64 KiB. */
export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
  grow(pages: number): number;
}

export const pageBytes = 65536;

/** The engine's WebAssembly, or undefined where there is none. */
export const webAssembly = (globalThis as { WebAssembly?: WebAssemblyInterface }).WebAssembly;
