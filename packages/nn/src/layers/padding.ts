import { type PadOptions, pad, type Tensor } from "@thalweg/tensor";
import { checkArguments, either, integer, list, number } from "@thalweg/tensor/internal";
import { called } from "../guard";
import { Layer } from "../module";
import { type Own, shown } from "../own";

/** Elements that are added on each side: one number for all, or [left, right], and [top, bottom] of images; negative ones crop. */
export type Padding = number | readonly number[];

/** A layer that pads its input. */
export interface PaddingLayer extends Layer {
  readonly padding: Padding;
}

/** The class of a layer that pads: `new ReflectionPad2d([1, 1, 2, 2])`. */
export type PaddingClass = new (padding: Padding) => PaddingLayer;

/** The class of a layer that pads with a constant: `new ConstantPad1d(2, 0.5)`. */
export type ConstantPaddingClass = new (
  padding: Padding,
  value: number,
) => PaddingLayer & { readonly value: number };

const sides = (spatial: number) => ({ padding: either(integer, list(integer, 2 * spatial)) });

/** Pads the last `spatial` dimensions. */
function around(x: Tensor, padding: Padding, spatial: number, options: PadOptions): Tensor {
  return pad(
    x,
    typeof padding === "number" ? new Array<number>(2 * spatial).fill(padding) : padding,
    options,
  );
}

function padding(name: string, spatial: number, options: PadOptions): PaddingClass {
  const own: Own = { name, takes: sides(spatial), keepsNothing: true };
  const Class = class extends Layer {
    readonly padding: Padding;

    constructor(padding: Padding) {
      super();
      checkArguments(name, own.takes, arguments);
      this.padding = padding;
    }

    override forward(x: Tensor): Tensor {
      return around(x, this.padding, spatial, options);
    }

    protected override extraRepr(): string {
      return shown({ padding: this.padding });
    }

    override get $own(): Own {
      return own;
    }
  };
  return called(name, Class);
}

function constant(name: string, spatial: number): ConstantPaddingClass {
  const own: Own = { name, takes: { ...sides(spatial), value: number }, keepsNothing: true };
  const Class = class extends Layer {
    readonly padding: Padding;
    readonly value: number;

    constructor(padding: Padding, value: number) {
      super();
      checkArguments(name, own.takes, arguments);
      this.padding = padding;
      this.value = value;
    }

    override forward(x: Tensor): Tensor {
      return around(x, this.padding, spatial, { value: this.value });
    }

    protected override extraRepr(): string {
      return shown({ padding: this.padding, value: this.value });
    }

    override get $own(): Own {
      return own;
    }
  };
  return called(name, Class);
}

/** Adds elements of one value around sequences: [..., length] -> [..., length']. */
export const ConstantPad1d: ConstantPaddingClass = /* @__PURE__ */ constant("ConstantPad1d", 1);
/** An instance of {@link ConstantPad1d}. */
export type ConstantPad1d = InstanceType<ConstantPaddingClass>;

/**
 * Adds elements of one value around images: [..., height, width] -> [..., height', width'].
 *
 * @example
 * new ConstantPad2d([0, 1, 1, 0], 7).forward(tensor([[1, 2]])).toArray(); // → [[7,7,7],[1,2,7]]
 */
export const ConstantPad2d: ConstantPaddingClass = /* @__PURE__ */ constant("ConstantPad2d", 2);
/** An instance of {@link ConstantPad2d}. */
export type ConstantPad2d = InstanceType<ConstantPaddingClass>;

/** Adds zeros around sequences: [..., length] -> [..., length']. PyTorch has it from 2.1 on. */
export const ZeroPad1d: PaddingClass = /* @__PURE__ */ padding("ZeroPad1d", 1, {});
/** An instance of {@link ZeroPad1d}. */
export type ZeroPad1d = PaddingLayer;

/** Adds zeros around images: [..., height, width] -> [..., height', width']. */
export const ZeroPad2d: PaddingClass = /* @__PURE__ */ padding("ZeroPad2d", 2, {});
/** An instance of {@link ZeroPad2d}. */
export type ZeroPad2d = PaddingLayer;

/** Adds mirror images around sequences, less than the length: [..., length] -> [..., length']. */
export const ReflectionPad1d: PaddingClass = /* @__PURE__ */ padding("ReflectionPad1d", 1, {
  mode: "reflect",
});
/** An instance of {@link ReflectionPad1d}. */
export type ReflectionPad1d = PaddingLayer;

/** Adds mirror images around images, less than their sizes: [..., height, width] -> [..., height', width']. */
export const ReflectionPad2d: PaddingClass = /* @__PURE__ */ padding("ReflectionPad2d", 2, {
  mode: "reflect",
});
/** An instance of {@link ReflectionPad2d}. */
export type ReflectionPad2d = PaddingLayer;

/** Repeats the ends of sequences: [..., length] -> [..., length']. */
export const ReplicationPad1d: PaddingClass = /* @__PURE__ */ padding("ReplicationPad1d", 1, {
  mode: "replicate",
});
/** An instance of {@link ReplicationPad1d}. */
export type ReplicationPad1d = PaddingLayer;

/** Repeats the edges of images: [..., height, width] -> [..., height', width']. */
export const ReplicationPad2d: PaddingClass = /* @__PURE__ */ padding("ReplicationPad2d", 2, {
  mode: "replicate",
});
/** An instance of {@link ReplicationPad2d}. */
export type ReplicationPad2d = PaddingLayer;

/** Repeats sequences from their other ends: [..., length] -> [..., length']. PyTorch has it from 2.1 on. */
export const CircularPad1d: PaddingClass = /* @__PURE__ */ padding("CircularPad1d", 1, { mode: "circular" });
/** An instance of {@link CircularPad1d}. */
export type CircularPad1d = PaddingLayer;

/** Repeats images from their other edges: [..., height, width] -> [..., height', width']. PyTorch has it from 2.1 on. */
export const CircularPad2d: PaddingClass = /* @__PURE__ */ padding("CircularPad2d", 2, { mode: "circular" });
/** An instance of {@link CircularPad2d}. */
export type CircularPad2d = PaddingLayer;
