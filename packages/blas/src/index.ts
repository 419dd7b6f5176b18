export { BlasError } from "./blas-error";
export { type Blas, type BlasOptions, useBlas } from "./use-blas";
