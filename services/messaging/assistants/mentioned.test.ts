import { expect, test } from "bun:test";
import { keyOfName, mentionedNames } from "./mentioned.ts";

const mentions = (text: string, name: string) => mentionedNames(text).includes(keyOfName(name));

test.each([
  ["@helper", "helper"],
  ["Well, @Helper?", "helper"],
  ["(@helper)", "Helper"],
  ["@helper's turn", "helper"],
  ["Ask @helper.", "helper"],
  ["@helper.\nNow", "helper"],
  ["@Stoa AI, please", "Stoa AI"],
  ["@C++ or not", "C++"],
  ["Frag @Möbius-7!", "möbius-7"],
  ["质问@助手。", "助手"],
  ["one\n> no\n@helper", "helper"],
  ["@ann @helper", "helper"],
  ["**@helper** and _@Stoa AI_", "Stoa AI"],
  ["_@helper_", "helper"],
  ["ask ＠helper", "helper"],
  ["ถาม@helper", "helper"],
  ["a > b, @helper", "helper"],
  ["> no\n\n@Stoa  AI", "Stoa  AI"],
])("%j mentions %s", (text, name) => {
  expect(mentions(text, name)).toBe(true);
});

test.each([
  ["helper"],
  ["@helpers"],
  ["@helper_x"],
  ["@helper.x"],
  ["ann@helper"],
  ["ann.lee@helper.com"],
  ["@@helper"],
  ["`@helper`"],
  ["```\n@helper\n```"],
  ["```\n@helper"],
  ["> @helper"],
  ["  > so @helper said"],
  ["@ helper"],
  ["\\@helper"],
  ["@helper@social.example"],
  ["https://social.example/@helper"],
  ["``a ` @helper``"],
  ["~~~\n@helper\n~~~"],
  ["`one\n@helper`"],
])("%j does not mention helper", (text) => {
  expect(mentions(text, "helper")).toBe(false);
});

test("a text of many places is looked at no further than fifty", () => {
  expect(mentions("@x ".repeat(49), "x")).toBe(true);
  expect(mentions(`${"@x ".repeat(50)}@helper`, "helper")).toBe(false);
  expect(mentionedNames("@a ".repeat(5_000)).length).toBeLessThan(50 * 256);
});
