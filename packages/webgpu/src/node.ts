import { provideGPU } from "./device/find-gpu";

provideGPU(async () => {
  const { create } = await import("webgpu");
  return create([]);
});

export * from "./index";
