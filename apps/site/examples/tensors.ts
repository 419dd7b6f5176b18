import {
  arange,
  cat,
  einsum,
  Generator,
  index,
  indexPut_,
  manualSeed,
  nanToNum,
  rand,
  randn,
  stack,
  tensor,
  where,
  zeros,
} from "thalweg";

// #region create
const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
x.shape; // → [2,3]
x.dtype; // → "float32"
zeros([2, 3]).size; // → 6
arange(0, 1, { step: 0.25 }).toArray(); // → [0,0.25,0.5,0.75]
tensor(new Float32Array([1, 2, 3, 4]), { shape: [2, 2] }).toArray(); // → [[1,2],[3,4]]
// #endregion create

// #region read
x.sum().item(); // → 21
x.toArray(); // → [[1,2,3],[4,5,6]]
x.dataSync().length; // → 6
String(x); // → "tensor([[1., 2., 3.],\n        [4., 5., 6.]])"
// #endregion read

// #region broadcast
x.add(10).toArray(); // → [[11,12,13],[14,15,16]]
x.mul(tensor([1, 10, 100])).toArray(); // → [[1,20,300],[4,50,600]]
x.sub(x.mean(1, { keepDim: true })).toArray(); // → [[-1,0,1],[-1,0,1]]
// #endregion broadcast

// #region views
const turned = x.transpose(0, 1);
turned.shape; // → [3,2]
turned.storage === x.storage; // → true
x.reshape([3, 2]).toArray(); // → [[1,2],[3,4],[5,6]]
x.unsqueeze(0).shape; // → [1,2,3]
x.flatten().shape; // → [6]
// #endregion views

// #region slice
x.select(0, 1).toArray(); // → [4,5,6]
x.slice(null, 0).toArray(); // → [1,4]
x.slice(null, [1]).toArray(); // → [[2,3],[5,6]]
x.slice([0, 1], [0, 3, 2]).toArray(); // → [[1,3]]
x.narrow(1, 0, 2).toArray(); // → [[1,2],[4,5]]
for (const row of x) row.shape; // → [3]
// #endregion slice

// #region reduce
x.mean().item(); // → 3.5
x.sum(0).toArray(); // → [5,7,9]
x.max(1).toArray(); // → [3,6]
x.argmax(1).toArray(); // → [2,2]
const { values, indices } = tensor([0.2, 0.9, 0.5]).topk(2);
indices.toArray(); // → [1,2]
values.shape; // → [2]
// #endregion reduce

// #region choose
const isLarge = x.gt(3);
isLarge.dtype; // → "bool"
where(isLarge, x, 0).toArray(); // → [[0,0,0],[4,5,6]]
x.maskedFill(isLarge, -1).toArray(); // → [[1,2,3],[-1,-1,-1]]
x.indexSelect(1, tensor([2, 0])).toArray(); // → [[3,1],[6,4]]
x.gather(1, tensor([[0], [2]])).toArray(); // → [[1],[6]]
isLarge.sum().item(); // → 3
// #endregion choose

// #region index
index(x, tensor([1, 0]), tensor([2, -1])).toArray(); // → [6,3]
index(x, null, tensor([2, 0])).toArray(); // → [[3,1],[6,4]]
index(x, x.gt(2)).toArray(); // → [3,4,5,6]
indexPut_(x.clone(), [x.gt(4)], 0).toArray(); // → [[1,2,3],[4,0,0]]
// #endregion index

// #region combine
cat([x, x], 0).shape; // → [4,3]
stack([x, x]).shape; // → [2,2,3]
x.matmul(turned).toArray(); // → [[14,32],[32,77]]
einsum("ij,kj->ik", x, x).toArray(); // → [[14,32],[32,77]]
// #endregion combine

// #region in-place
const total = zeros([3]);
for (const row of x) total.add_(row);
total.toArray(); // → [5,7,9]
// #endregion in-place

// #region random
manualSeed(7);
const first = randn([2]).toArray();
manualSeed(7);
String(randn([2]).toArray()) === String(first); // → true

const generator = new Generator(7);
rand([3], { generator }).shape; // → [3]
// #endregion random

// #region methods
nanToNum(tensor([1, Number.NaN])).toArray(); // → [1,0]

import "thalweg/methods";

tensor([1, Number.NaN]).nanToNum().toArray(); // → [1,0]
// #endregion methods
