import { describe, expect, it } from "vitest";
import { randn, ShapeError, type Tensor, tensor, zeros } from "../../index";
import { conv1d, conv2d, convTranspose2d } from "./conv";

const bits = (x: Tensor) => [...x.dataSync()];

describe("a convolution", () => {
  const [x, w, bias] = [randn([2, 4, 6, 7]), randn([6, 2, 3, 2]), randn([6])];
  const options = { bias, stride: [2, 1], padding: [1, 2], dilation: [1, 2], groups: 2 };

  it("of one image equals that of a batch of one", () => {
    const all = conv2d(x, w, options);
    for (let n = 0; n < 2; n++) {
      expect(bits(conv2d(x.select(0, n), w, options))).toEqual(bits(all.select(0, n)));
    }
  });

  it("in one dimension equals that of images of height 1", () => {
    const [line, kernel] = [randn([2, 4, 9]), randn([3, 4, 3])];
    const flat = conv1d(line, kernel, { stride: 2, padding: 1, dilation: 2 });
    const options = { stride: [1, 2], padding: [0, 1], dilation: [1, 2] };
    const image = conv2d(line.unsqueeze(2), kernel.unsqueeze(2), options);
    expect(bits(flat)).toEqual(bits(image.squeeze(2)));
  });

  it("computes each group separately", () => {
    const whole = conv2d(x, w, options);
    const parts = [0, 1].map((g) =>
      conv2d(x.narrow(1, 2 * g, 2), w.narrow(0, 3 * g, 3), {
        ...options,
        bias: bias.narrow(0, 3 * g, 3),
        groups: 1,
      }),
    );
    parts.forEach((part, g) => {
      expect(bits(part)).toEqual(bits(whole.narrow(1, 3 * g, 3)));
    });
  });

  it.each(["same", "valid"] as const)("pads by numbers as by '%s'", (padding) => {
    const kernel = randn([1, 4, 3, 5]);
    const numbers = padding === "same" ? [2, 4] : 0;
    const result = conv2d(x, kernel, { padding, dilation: padding === "same" ? 2 : 1 });
    expect(bits(result)).toEqual(
      bits(conv2d(x, kernel, { padding: numbers, dilation: padding === "same" ? 2 : 1 })),
    );
    if (padding === "same") expect(result.shape).toEqual([2, 1, 6, 7]);
  });

  it("puts the odd zero of 'same' at the end", () => {
    expect(conv1d(tensor([[1, 2, 3]]), tensor([[[1, 10]]]), { padding: "same" }).toArray()).toEqual([
      [21, 32, 3],
    ]);
  });

  it("lets no element outside the window affect a result, not even NaN", () => {
    const holed = zeros([1, 5, 5]);
    holed.slice(0, 0, 0).fill_(Number.NaN);
    const seen = conv2d(holed, tensor([[[[0, 1]]]])).isNaN();
    expect(seen.sum().item()).toBe(1);
  });

  it("refuses a bias that does not fit, and names both sides", () => {
    expect(() => conv2d(x, w, { groups: 2, bias: zeros([5]) })).toThrow(ShapeError);
    expect(() => conv2d(x, w, { groups: 2, bias: zeros([5]) })).toThrow(
      "conv2d: the bias does not fit, [5] and 6 output channels; it must have shape [6]",
    );
    expect(() => convTranspose2d(x, zeros([4, 3, 2, 2]), { groups: 2, bias: zeros([3]) })).toThrow(
      "convTranspose2d: the bias does not fit, [3] and 6 output channels; it must have shape [6]",
    );
  });
});

describe("a transposed convolution", () => {
  it("is the adjoint of the convolution, whatever its options", () => {
    for (const stride of [1, 2, 3]) {
      for (const dilation of [1, 2, 4]) {
        const options = { stride, dilation, padding: 1, groups: 2 };
        const [y, w] = [randn([2, 4, 3, 4]), randn([4, 3, 3, 2])];
        const x = convTranspose2d(y, w, options);
        const probe = randn(x.shape);
        const left = x.mul(probe).sum().item();
        const right = conv2d(probe, w, options).mul(y).sum().item();
        expect(left).toBeCloseTo(right, 3);
      }
    }
  });

  it("adds zeros at the end where the kernel does not reach", () => {
    const x = convTranspose2d(tensor([[[1]]]), tensor([[[[5]]]]), { stride: 3, outputPadding: [0, 2] });
    expect(x.toArray()).toEqual([[[5, 0, 0]]]);
  });
});
