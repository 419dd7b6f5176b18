/** Training on a GPU: `initWebGPU`, which comes with a package of its own in Node, and `ScalarReader`. */
export * from "@thalweg/tensor/webgpu";
