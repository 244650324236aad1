import { describe, expect, test } from "bun:test";
import { findAddressed } from "./find.ts";

const names = (content: string) => findAddressed(content).names.map((possible) => possible.at(-1));

test.each([
  ["@ann look", ["ann"]],
  ["look, @Ann!", ["ann"]],
  ["(@ann) [@bob] \"@cid\" '@dan' <@eve>", ["ann", "bob", "cid", "dan", "eve"]],
  ["**@ann** _@bob_ ~~@cid~~ *@dan*", ["ann", "bob", "cid", "dan"]],
  ["@ann,@bob;@cid:@dan", ["ann", "bob", "cid", "dan"]],
  ["@ann\n@bob\r\n\t@cid", ["ann", "bob", "cid"]],
  ["你好@ann请看", ["ann"]],
  ["こんにちは＠annさん", ["ann"]],
  ["สวัสดี@annครับ", ["ann"]],
  ["@ann's plan", ["ann"]],
  ["@ann/@bob", ["ann"]],
  ["@ann @ann @ANN", ["ann"]],
  ["@b.o-b_2", ["b.o-b_2"]],
  [`@${"a".repeat(50)}`, ["a".repeat(50)]],
])("%j addresses %j", (content, expected) => {
  expect(names(content)).toEqual(expected);
});

test("a name that ends a sentence may end before the dot, or with it", () => {
  expect(findAddressed("Ask @ann. Or @bob...").names).toEqual([
    ["ann.", "ann"],
    ["bob...", "bob..", "bob"],
  ]);
});

describe("nobody is addressed", () => {
  test.each([
    ["nothing", "no sign at all"],
    ["an e-mail address", "mail ann@bob.example, or a.nn+tag@bob.example"],
    ["an e-mail address that begins in another script", "änn@bob.example"],
    ["an address of the fediverse", "@ann@social.example"],
    ["a URL", "https://social.example/@ann and https://x.example/?user=@ann&other=1#@ann"],
    ["a name in another script", "@annä"],
    ["an escaped sign", "\\@ann"],
    ["a name that is too short", "@an"],
    ["a name that is too long", `@${"a".repeat(51)}`],
    ["a code span", "`@ann`"],
    ["a code span over two lines", "`one\n@ann`"],
    ["a code span with backticks in it", "`` ` @ann ` ``"],
    ["a fenced block", "```\n@ann\n```"],
    ["a fenced block with a language, of tildes", "~~~ts\n@ann\n```\n@bob\n~~~"],
    ["a fenced block without an end", "  ````\n@ann\n```\n@bob"],
    ["a quote", "> @ann wrote\n>> @bob wrote\n   > @cid"],
    ["a fenced block in a quote", "> ```\n> @ann\n> ```"],
  ])("in %s", (_, content) => {
    expect(findAddressed(content)).toEqual({ all: false, names: [] });
  });
});

describe("somebody is addressed", () => {
  test.each([
    ["after a code span", "`x` @ann"],
    ["after a backtick without an end", "a ` @ann"],
    ["after an escaped backtick", "\\` @ann `"],
    ["between runs of different lengths", "`` @ann `"],
    ["after a paragraph with a backtick without an end", "a ` b\n\n@ann `"],
    ["after a fenced block", "```\n@bob\n```\n@ann"],
    ["after a quote with a fence", "> ```\n@ann"],
    ["in a line with three backticks around code", "```x``` @ann"],
    ["after a quote", "> @bob\n@ann"],
    ["in an indented line", "    @ann"],
    ["after a sign for greater", "1 > 0 @ann"],
  ])("%s", (_, content) => {
    expect(names(content)).toEqual(["ann"]);
  });
});

test.each([
  ["@all", true],
  ["@ALL: lunch", true],
  ["all", false],
  ["@allison", false],
  ["`@all`", false],
  ["> @all", false],
  ["@here @everyone @channel", false],
])("everybody is addressed by %j: %p", (content, all) => {
  expect(findAddressed(content).all).toBe(all);
});

test("long texts that are made to be slow are not", () => {
  const steps = [..."`".repeat(180)].map((_, length) => "`".repeat(length + 1)).join(" ");
  for (const content of [
    "@a".repeat(8_000),
    "@".repeat(16_000),
    "`a".repeat(8_000),
    steps,
    `${"_".repeat(15_990)}@ann`,
  ]) {
    expect(findAddressed(content).names.length).toBeLessThanOrEqual(1);
  }
});
