import { expect, test } from "vitest";
import { withTarballs } from "../src/pack.js";
import { run } from "../src/run.js";

const site = "https://github.com/thalweg/thalweg";

interface Links {
  readonly repository: { readonly url: string; readonly directory: string };
  readonly homepage: string;
  readonly bugs: string;
}

test("every tarball contains the files that a reader and a bundler need, and nothing of the workspace", async () => {
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

      const { repository, homepage, bugs } = JSON.parse(manifest) as Links;
      expect(repository.url, name).toBe(`git+${site}.git`);
      expect(repository.directory, name).toMatch(/^packages\/\w+$/);
      expect(homepage, name).toBe(`${site}/tree/main/${repository.directory}#readme`);
      expect(bugs, name).toBe(`${site}/issues`);

      // It is read outside of the repository.
      const readme = await run("tar", ["-xzOf", filename, "package/README.md"]);
      const targets = [
        ...readme.matchAll(/\]\(([^)]*)\)|<(?:a|img)\s[^>]*(?:href|src)="([^"]*)"|^\[[^\]]+\]:\s*(\S+)/gm),
      ];
      expect(targets.length, name).toBeGreaterThan(0);
      for (const [, link, tag, reference] of targets) {
        expect(link ?? tag ?? reference, name).toMatch(/^(https:\/\/|#)/);
      }
      expect(readme, name).not.toContain("../");
    }
  });
});
