/** Everything for training in one import: arrays, differentiation, layers, losses, optimizers, data, files. */
export * from "@thalweg/autograd";
export * from "@thalweg/data";
export * from "@thalweg/io";
export * from "@thalweg/losses";
export * from "@thalweg/nn";
export * from "@thalweg/optim";
export * from "@thalweg/tensor";
