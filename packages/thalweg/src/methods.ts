/** Makes more operations methods of tensors: all those that `@thalweg/tensor/methods` lists. */
export * from "@thalweg/tensor/methods";
