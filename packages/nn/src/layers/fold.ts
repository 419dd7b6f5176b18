import { col2im, type Im2colOptions, im2col, type Sizes, type Tensor } from "@thalweg/tensor";
import { checkArguments, options } from "@thalweg/tensor/internal";
import { Layer } from "../module";
import { type Own, shown, sizes } from "../own";

const kernelSize = /* @__PURE__ */ sizes(1, 2);
const windows = /* @__PURE__ */ options<Im2colOptions>({
  dilation: kernelSize,
  padding: /* @__PURE__ */ sizes(0, 2),
  stride: kernelSize,
});
const ofUnfold: Own = { name: "Unfold", takes: { kernelSize, options: windows }, keepsNothing: true };
const ofFold: Own = {
  name: "Fold",
  takes: { outputSize: kernelSize, kernelSize, options: windows },
  keepsNothing: true,
};

/**
 * The windows of images as columns, as `im2col`: [batch, channels, height, width] or [channels, height, width] -> [...,
 * channels · h · w, windows] for `kernelSize` [h, w].
 *
 * @example
 * new Unfold([2, 3]).forward(zeros([2, 5, 3, 4])).shape; // → [2,30,4]
 */
export class Unfold extends Layer {
  readonly kernelSize: Sizes;
  readonly options: Im2colOptions;

  constructor(kernelSize: Sizes, options: Im2colOptions = {}) {
    super();
    checkArguments(ofUnfold.name, ofUnfold.takes, arguments);
    this.kernelSize = kernelSize;
    this.options = options;
  }

  /** @throws ShapeError when the input does not fit. */
  override forward(x: Tensor): Tensor {
    return im2col(x, this.kernelSize, this.options);
  }

  protected override extraRepr(): string {
    return shown({ kernelSize: this.kernelSize, ...this.options });
  }

  /** @internal */
  override get $own(): Own {
    return ofUnfold;
  }
}

/**
 * The sums of columns at the places of their windows, as `col2im`: [batch, channels · h · w, windows] or
 * [channels · h · w, windows] -> [..., channels, height, width] for `outputSize` [height, width] and `kernelSize` [h, w].
 *
 * @example
 * new Fold([3, 4], [2, 3]).forward(zeros([2, 30, 4])).shape; // → [2,5,3,4]
 */
export class Fold extends Layer {
  readonly outputSize: Sizes;
  readonly kernelSize: Sizes;
  readonly options: Im2colOptions;

  constructor(outputSize: Sizes, kernelSize: Sizes, options: Im2colOptions = {}) {
    super();
    checkArguments(ofFold.name, ofFold.takes, arguments);
    this.outputSize = outputSize;
    this.kernelSize = kernelSize;
    this.options = options;
  }

  /** @throws ShapeError when the input does not fit. */
  override forward(x: Tensor): Tensor {
    return col2im(x, this.outputSize, this.kernelSize, this.options);
  }

  protected override extraRepr(): string {
    return shown({ outputSize: this.outputSize, kernelSize: this.kernelSize, ...this.options });
  }

  /** @internal */
  override get $own(): Own {
    return ofFold;
  }
}
