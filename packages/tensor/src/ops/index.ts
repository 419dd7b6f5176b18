/** Every operation that is a method of Tensor as well as a function of the same name. */

export { to, toAsync } from "./cast";
export { bmm, dot, matmul, outer } from "./contract/matmul";
export { embedding, gather, indexSelect, scatterAdd } from "./index/gather";
export { oneHot } from "./index/one-hot";
export { sort, topk } from "./index/sort";
export { pad, repeat, roll, tile, tril, triu } from "./join/copies";
export * from "./map/activation";
export * from "./map/arithmetic";
export { maskedFill } from "./map/choice";
export { clone } from "./map/clone";
export * from "./map/comparison";
export * from "./map/elementary";
export { ceil, clamp, floor, round, trunc } from "./map/rounding";
export { amax, amin, argmax, argmin, max, min } from "./reduce/extrema";
export { all, any, logsumexp, norm } from "./reduce/norms";
export { logSoftmax, softmax } from "./reduce/softmax";
export { mean, prod, std, sum, var } from "./reduce/sums";
export { cumprod, cumsum } from "./scan/recurrence";
export * from "./view/shape";
export { chunk, diagonal, flip, narrow, select, slice, split, unbind, unfold } from "./view/slice";
export * from "./write";
