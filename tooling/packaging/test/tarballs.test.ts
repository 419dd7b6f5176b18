import { expect, test } from "vitest";
import { withTarballs } from "../src/pack.js";
import { run } from "../src/run.js";

test("every tarball holds what a reader and a bundler need, and nothing of the workspace", async () => {
  await withTarballs(async (tarballs) => {
    expect(tarballs.length).toBeGreaterThan(0);
    for (const { name, filename } of tarballs) {
      const files = (await run("tar", ["-tzf", filename])).trim().split("\n");
      const expected = ["package.json", "README.md", "LICENSE", "dist/index.js", "dist/index.d.ts"];
      expect(files, name).toEqual(expect.arrayContaining(expected.map((file) => `package/${file}`)));
      expect(
        files.filter((file) => /\/src\/|\.test\./.test(file)),
        name,
      ).toEqual([]);

      const manifest = await run("tar", ["-xzOf", filename, "package/package.json"]);
      expect(manifest, name).not.toMatch(/@thalweg\/source|workspace:|catalog:/);
    }
  });
});
