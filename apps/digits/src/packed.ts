import { type Pixels, side } from "./images";

/** The brightness that each byte stands for: `mnist` has rounded them to three digits. */
const levels = Float32Array.from({ length: 256 }, (_, byte) => Number((byte / 255).toFixed(3)));

/** Pixels from 0 to 1 of their bytes. */
export const brightness = (bytes: Uint8Array): Float32Array =>
  Float32Array.from(bytes, (byte) => levels[byte]!);

/** Images as bytes, the digits first. Nothing is lost. */
export function pack({ pixels, digits }: Pixels): Uint8Array {
  const bytes = new Uint8Array(digits.length + pixels.length);
  bytes.set(digits);
  bytes.set(
    pixels.map((value) => Math.round(255 * value)),
    digits.length,
  );
  return bytes;
}

/** The images that were packed. */
export function unpack(bytes: Uint8Array): Pixels {
  const count = bytes.length / (side ** 2 + 1);
  return {
    digits: Float32Array.from(bytes.subarray(0, count)),
    pixels: brightness(bytes.subarray(count)),
  };
}
