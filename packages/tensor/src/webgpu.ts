export * from "@thalweg/webgpu";
