import { existsSync } from "node:fs";
import { join } from "node:path";

/** Where browsers of Chromium's kind have their SwiftShader, a Vulkan driver that computes on the CPU. */
const folders = [
  "/usr/lib/chromium",
  "/usr/lib/chromium-browser",
  "/usr/lib64/chromium-browser",
  "/opt/google/chrome",
];

/**
 * What has to be in the environment of a process so that WebGPU in Node finds that driver; nothing where
 * there is none.
 */
export function softwareDriver(): Record<string, string> {
  const folder = folders.find((path) => existsSync(join(path, "vk_swiftshader_icd.json")));
  if (folder === undefined) return {};
  const driver = join(folder, "vk_swiftshader_icd.json");
  const libraries = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(":");
  // Older loaders know the first name only.
  return { VK_ICD_FILENAMES: driver, VK_DRIVER_FILES: driver, LD_LIBRARY_PATH: libraries };
}
