import { type Tensor, tensor } from "@thalweg/tensor";
import { named } from "@thalweg/tensor/internal";
import { SafetensorsError } from "../errors";
import { type ByteSource, type Source, withSource } from "../source";
import { formats } from "./dtype";
import { type Opened, openSafetensors, type SafetensorsHeader } from "./header";
import { aliasesOf } from "./shared";

const op = "loadSafetensors";

/**
 * The tensors of a safetensors file, by name, in the order of its header, for `loadStateDict`.
 *
 * F64 becomes float64; other floats (F32, F16, BF16, F8_E4M3 and F8_E5M2) become float32, which holds all their numbers; BOOL
 * becomes bool, and whole numbers (I64, U8, ...) int32, which must hold them. A tensor that was saved under several names is
 * one tensor with all of them; the further ones come last.
 *
 * @param source the bytes of a file; in Node also its path
 * @throws SafetensorsError when it is not a valid file (before anything is allocated for its tensors), or
 * holds a number or a type that cannot be represented.
 * @throws FileError when the file does not exist or cannot be read.
 * @example
 * const bytes = saveSafetensors({ weight: tensor([[1, 2]]), bias: tensor([3]) });
 * const { weight, bias } = loadSafetensors(bytes);
 * weight!.toArray(); // → [[1,2]]
 * bias!.toArray(); // → [3]
 */
export function loadSafetensors(source: ByteSource): Record<string, Tensor> {
  return withSource(op, source, (opened) => {
    const header = openSafetensors(opened);
    const names = Object.keys(header.tensors);
    const tensors = Object.fromEntries(names.map((name) => [name, readTensor(opened, header, name)]));
    for (const [alias, name] of aliasesOf(header.metadata, tensors)) tensors[alias] = tensors[name]!;
    return tensors;
  });
}

/**
 * The header of a safetensors file, read without its tensors.
 *
 * @param source the bytes of a file; in Node also its path
 * @throws SafetensorsError when it is not a valid file.
 * @throws FileError when the file does not exist or cannot be read.
 * @example
 * const bytes = saveSafetensors({ x: tensor([1, 2]) }, { metadata: { format: "pt" } });
 * readSafetensorsHeader(bytes).metadata; // → {"format":"pt"}
 * readSafetensorsHeader(bytes).tensors.x; // → {"dtype":"F32","shape":[2],"dataOffsets":[0,8]}
 */
export function readSafetensorsHeader(source: ByteSource): SafetensorsHeader {
  const reader = "readSafetensorsHeader";
  const { metadata, tensors } = named(reader, () => withSource(reader, source, openSafetensors));
  return { metadata, tensors };
}

/** Reads one of the tensors that a header lists. */
export function readTensor(source: Source, header: Opened, name: string): Tensor {
  const { dtype, shape, dataOffsets } = header.tensors[name]!;
  const format = formats.get(dtype)!;
  let bytes = source.read(header.dataStart + dataOffsets[0], header.dataStart + dataOffsets[1]);
  if (bytes.byteOffset % format.size !== 0) bytes = bytes.slice();
  const values = format.decode(bytes);
  if ("beyond" in values) {
    throw new SafetensorsError(
      op,
      `tensor "${name}" holds ${values.beyond}, a number of ${dtype} that int32 cannot hold, at ${values.index}`,
      "whole numbers from -2^31 to 2^31 - 1 are safe",
      name,
    );
  }
  return tensor(values, { shape, dtype: format.dtype, device: "cpu" });
}
