import { existsSync } from "node:fs";
import { join } from "node:path";

/** The paths of Chromium-based browsers' SwiftShader, a Vulkan driver that computes on the CPU. */
const folders = [
  "/usr/lib/chromium",
  "/usr/lib/chromium-browser",
  "/usr/lib64/chromium-browser",
  "/opt/google/chrome",
];

/**
 * Environment variables that make WebGPU in Node find that driver; nothing if it is not
 * installed.
 */
export function softwareDriver(): Record<string, string> {
  const folder = folders.find((path) => existsSync(join(path, "vk_swiftshader_icd.json")));
  if (folder === undefined) return {};
  const driver = join(folder, "vk_swiftshader_icd.json");
  const libraries = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(":");
  // Older loaders know only the first name.
  return { VK_ICD_FILENAMES: driver, VK_DRIVER_FILES: driver, LD_LIBRARY_PATH: libraries };
}
