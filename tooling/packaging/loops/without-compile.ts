/** The umbrella without `@thalweg/compile`, for which nobody pays who does not import it. */
export * from "@thalweg/autograd";
export * from "@thalweg/data";
export * from "@thalweg/distributions";
export * from "@thalweg/io";
export * as linalg from "@thalweg/linalg";
export * from "@thalweg/losses";
export * from "@thalweg/metrics";
export * from "@thalweg/nn";
export * from "@thalweg/optim";
export * from "@thalweg/tensor";
export * from "@thalweg/train";
