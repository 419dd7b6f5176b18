import { provideGPU } from "./backend/webgpu/find-gpu";

provideGPU(async () => {
  const { create } = await import("webgpu");
  return create([]);
});

export * from "./webgpu";
