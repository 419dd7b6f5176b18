import address from "virtual:digits";
import { type Images, imagesOf, side } from "digits/images";
import { unpack } from "digits/packed";

/** All images, and their bytes. */
export interface Fetched {
  readonly images: Images;
  readonly pixels: Uint8Array;
  readonly digits: Float32Array;
}

let fetched: Promise<Fetched> | undefined;

async function fetchImages(): Promise<Fetched> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  const plain = answer.body!.pipeThrough(new DecompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(plain).arrayBuffer());
  const unpacked = unpack(bytes);
  return {
    images: imagesOf(unpacked),
    digits: unpacked.digits,
    pixels: bytes.subarray(unpacked.digits.length),
  };
}

/** The images, which are fetched once. */
export function allImages(): Promise<Fetched> {
  fetched ??= fetchImages().catch((error) => {
    fetched = undefined;
    throw error;
  });
  return fetched;
}

/** The bytes of an image. */
export const pixelsOf = ({ pixels }: Fetched, image: number) =>
  pixels.slice(image * side ** 2, (image + 1) * side ** 2);
