import { ShapeError, type Tensor, ThalwegError, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import {
  BatchNorm2d,
  Bilinear,
  Conv1d,
  Conv2d,
  ConvTranspose2d,
  Embedding,
  Flatten,
  GroupNorm,
  Identity,
  Layer,
  LayerNorm,
  Linear,
  MaxPool2d,
  Module,
  ModuleList,
  MultiheadAttention,
  ReLU,
  Sequential,
  Softmax,
  TransformerEncoderLayer,
} from "./index";

class Block extends Module {
  inner = new Linear(2, 3);

  override forward(x: Tensor): Tensor {
    return this.inner.forward(x).matmul(x);
  }
}

class Net extends Module {
  features = new Sequential(new Identity(), new Sequential(new Conv2d(3, 8, 3), new ReLU()), new Flatten());
  blocks = new ModuleList([new Block(), new Block()]);

  override forward(x: Tensor): Tensor {
    return x.ndim === 3 ? this.features.forward(x) : this.blocks.at(1)!.forward(x);
  }
}

describe("an error inside of a model", () => {
  it("names the layer by its path", () => {
    const model = new Sequential(new ReLU(), new ReLU(), new Conv2d(3, 8, 3));
    expect(() => model.forward(zeros([1, 28, 28]))).toThrow(
      'Sequential "2" (Conv2d): the input does not fit, shape [1, 28, 28] and 3 channels; ' +
        "it must be [batch, 3, height, width] or [3, height, width]",
    );
    expect(() => new Net().forward(zeros([1, 28, 28]))).toThrow(
      'Net "features.1.0" (Conv2d): the input does not fit, shape [1, 28, 28] and 3 channels',
    );
  });

  it("names the operation, too, where that is a user's module", () => {
    expect(() => new Net().forward(zeros([4, 2]))).toThrow('Net "blocks.1" (Block, matmul): ');
    expect(() => new Net().forward(zeros([4, 5]))).toThrow('Net "blocks.1.inner" (Linear): the input does');
    expect(() => new Block().forward(zeros([4, 2]))).toThrow(/^matmul: /);
  });

  it("names the layer that an activation is fused with", () => {
    const model = new Sequential(new Linear(2, 2), new ReLU(), new Linear(3, 2), new ReLU());
    expect(() => model.forward(zeros([4, 2]))).toThrow(
      'Sequential "2" (Linear): the input does not fit, shape [4, 2] and 3 inputs; its last dimension must be 3',
    );
  });

  it("keeps its class, its shapes and its trace, under the new name", () => {
    const caught = catching(() => new Net().forward(zeros([1, 28, 28])));
    expect(caught).toBeInstanceOf(ShapeError);
    expect(caught).toMatchObject({
      name: "ShapeError",
      op: 'Net "features.1.0" (Conv2d)',
      shapes: [[1, 28, 28]],
    });
    expect(caught.stack).toContain('Net "features.1.0" (Conv2d): the input');
  });

  it("is left alone if it is not the library's", () => {
    class Broken extends Layer {
      override forward(): Tensor {
        throw new RangeError("mine");
      }
    }
    expect(() => new Sequential(new Broken()).forward(zeros([1]))).toThrow(new RangeError("mine"));
  });

  it("uses the keys of state dicts", () => {
    const layer = new TransformerEncoderLayer(4, 2, { dimFeedforward: 4 });
    expect(() => layer.forward(zeros([5, 1, 3]))).toThrow(
      'TransformerEncoderLayer "self_attn" (MultiheadAttention): the inputs do not fit',
    );
  });

  it("is found by a subclass of a layer and by one that calls super.forward", () => {
    class Mine extends Linear {
      override forward(x: Tensor): Tensor {
        return super.forward(x).relu();
      }
    }
    expect(() => new Mine(2, 2).forward(zeros([3]))).toThrow("Linear: the input does not fit");
    expect(() => new Sequential(new Mine(2, 2)).forward(zeros([3]))).toThrow('Sequential "0" (Mine): ');
    expect(new Sequential(new Mine(2, 2)).forward(zeros([1, 2])).shape).toEqual([1, 2]);
  });
});

describe("an error of a layer", () => {
  const cases: [Module & { forward(...inputs: Tensor[]): unknown }, number[][], string][] = [
    [new Conv1d(2, 3, 3), [[4, 5, 6]], "Conv1d: the input does not fit, shape [4, 5, 6] and 2 channels"],
    [new Conv2d(1, 1, 5), [[1, 1, 3, 3]], "Conv2d: "],
    [new Conv2d(1, 1, 3, { padding: 4, paddingMode: "reflect" }), [[1, 3, 3]], "Conv2d: "],
    [new ConvTranspose2d(2, 1, 3), [[5, 5]], "ConvTranspose2d: the input does not fit, shape [5, 5]"],
    [new MaxPool2d(5), [[1, 3, 3]], "MaxPool2d: the kernel is larger"],
    [new BatchNorm2d(3), [[2, 4, 5, 5]], "BatchNorm2d: the input does not fit"],
    [new GroupNorm(2, 6), [[2, 4, 3]], "GroupNorm: "],
    [new LayerNorm([2, 3]), [[3, 2]], "LayerNorm: the input does not end"],
    [new Softmax(2), [[3, 2]], "Softmax: "],
    [new Bilinear(2, 3, 4), [[2], [4]], "Bilinear: the inputs do not fit"],
    [
      new MultiheadAttention(4, 2),
      [
        [3, 1, 4],
        [3, 2, 4],
        [3, 1, 4],
      ],
      "MultiheadAttention: the inputs do not fit",
    ],
  ];

  it.each(cases)("carries the layer's name: %s", (layer, shapes, message) => {
    const inputs = shapes.map((shape) => zeros(shape));
    expect(catching(() => layer.forward(...inputs)).message.slice(0, message.length)).toBe(message);
  });

  it("is raised when the input is not a tensor", () => {
    expect(() => new Linear(2, 1).forward([[1, 2]] as never)).toThrow("Linear: x must be a tensor, got ");
    expect(() => new Identity().forward("a" as never)).toThrow('Identity: x must be a tensor, got "a"');
    expect(() => new Sequential().forward(undefined as never)).toThrow(
      "Sequential: x must be a tensor, got nothing",
    );
    expect(() => new Embedding(3, 2).forward(tensor([0.5]))).toThrow("Embedding: ");
  });
});

function catching(call: () => unknown): ThalwegError {
  try {
    call();
  } catch (error) {
    if (error instanceof ThalwegError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
