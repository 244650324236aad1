import { expect, test } from "bun:test";
import { react } from "../reactions/react.ts";
import { createGroup, sendMessage } from "../test/without-key.ts";
import { wordsInFile } from "../test/words-in-file.ts";
import { createWorld } from "../test/world.ts";
import { deleteMessage } from "./delete.ts";
import { editMessage } from "./edit.ts";

test("nothing of deleted messages is in the file: no text, no text of before, no long one, and others' stays", async () => {
  await using world = await createWorld({ inFile: true });
  const [ann, bob] = await world.people("ann", "bob");
  const { deps } = world;
  const { id } = await createGroup(deps, ann, { title: "G", user_ids: [bob.user_id] });
  const word = (what: string, n: number) => `${what}word${String(n).padStart(4, "0")}x`;
  const [gone, kept]: [string[], string[]] = [[], []];
  const ids: string[] = [];
  for (let n = 0; n < 60; n++) {
    // Some fill pages of their own, some share one; the words of a long text stand far behind its beginning.
    const filler = "lorem ipsum ".repeat(n % 5 === 0 ? 900 : n % 7);
    const { message } = await sendMessage(deps, ann, id, { content: `${filler}${word("first", n)}` });
    await editMessage(deps, ann, message.id, { content: `${word("second", n)} ${filler}${word("third", n)}` });
    await react(deps, bob, message.id, "👍", true);
    await sendMessage(deps, bob, id, { content: word("reply", n), parent_id: message.id });
    ids.push(message.id);
    gone.push(word("first", n), word("second", n), word("third", n));
    kept.push(word("reply", n));
  }
  expect(await wordsInFile(world, [...gone, ...kept])).toEqual([...gone, ...kept]);
  for (const [n, message_id] of ids.entries()) {
    await deleteMessage(deps, ann, message_id);
    // Life goes on meanwhile: pages are split, joined and used again.
    if (n % 3 === 0) await sendMessage(deps, bob, id, { content: `later ${"x".repeat(n * 40)}` });
  }
  expect(await wordsInFile(world, gone)).toEqual([]);
  expect(await wordsInFile(world, kept)).toEqual(kept);
});
