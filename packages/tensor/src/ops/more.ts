/** Every operation that is a function, and a method of Tensor in programs that import `@thalweg/tensor/methods`. */

export { isInf, type NanToNumOptions, nanToNum } from "./map/special-values";
