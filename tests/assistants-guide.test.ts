import { expect, test } from "bun:test";
import { join } from "node:path";
import { temporaryDirectory } from "@stoa/testing";

const guide = join(import.meta.dir, "..", "docs", "assistants.md");

test("the guide's way to put a text together never doubles or shrinks it", async () => {
  const [, code = ""] = /```ts\n(.*?)```/s.exec(await Bun.file(guide).text()) ?? [];
  await using folder = await temporaryDirectory("with-delta");
  const file = join(folder.path, "with-delta.ts");
  await Bun.write(file, code);
  const { withDelta } = (await import(file)) as {
    withDelta: (text: string, delta: { offset: number; text: string }) => string;
  };
  const pieces = [
    { offset: 0, text: "a🙂" },
    { offset: 2, text: "bc" },
    // The text so far, after the connection was cut: once as much as there was, once less, once more.
    { offset: 0, text: "a🙂bc" },
    { offset: 0, text: "a🙂" },
    { offset: 0, text: "a🙂bcd" },
    { offset: 5, text: "e" },
  ];
  let text = "";
  const texts = pieces.map((piece) => {
    text = withDelta(text, piece);
    return text;
  });
  expect(texts).toEqual(["a🙂", "a🙂bc", "a🙂bc", "a🙂bc", "a🙂bcd", "a🙂bcde"]);
});
