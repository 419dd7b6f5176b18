/** A safetensors file of a header, written as given, and data. */
export function fileOf(header: unknown, data: Uint8Array | number = 0): Uint8Array {
  const json = typeof header === "string" ? header : JSON.stringify(header);
  const text = new TextEncoder().encode(json);
  const rest = typeof data === "number" ? new Uint8Array(data) : data;
  const bytes = new Uint8Array(8 + text.length + rest.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(rest, 8 + text.length);
  return bytes;
}

/** A header of one tensor, and its data. */
export function oneTensor(dtype: string, values: ArrayBufferView & { readonly length: number }): Uint8Array {
  const data = new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
  return fileOf({ x: { dtype, shape: [values.length], data_offsets: [0, data.length] } }, data);
}
