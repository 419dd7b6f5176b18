import * as T from "@thalweg/tensor";
console.log(T.relu.length, T.add.length, T.where.length, T.sum.length, T.cumsum.length, T.slice.length,T.clamp.length,T.pow.length);
