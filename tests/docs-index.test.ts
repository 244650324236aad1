import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { Glob } from "bun";

const root = join(import.meta.dir, "..");
const pages = ["README.md", ...new Glob("docs/**/*.md").scanSync(root)];

/** The files that a page links to, relative to the repository. */
function linksOf(page: string): string[] {
  const links = [...readFileSync(join(root, page), "utf8").matchAll(/\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)/g)];
  return links.map(([, link = ""]) => normalize(join(dirname(page), link)));
}

test("every link of README and docs leads to a file", () => {
  const dead = pages.flatMap((page) => linksOf(page).filter((link) => !existsSync(join(root, link))));
  expect(dead).toEqual([]);
});

test("README leads to the index, and the index to every guide and decision", () => {
  expect(linksOf("README.md")).toContain("docs/README.md");
  const listed = new Set(["README.md", "docs/README.md", ...linksOf("docs/README.md")]);
  expect(pages.filter((page) => !listed.has(page))).toEqual([]);
  const decisions = [...listed].filter((page) => page.startsWith("docs/decisions/"));
  expect(decisions).toEqual(decisions.toSorted());
});
