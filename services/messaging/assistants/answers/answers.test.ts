import { describe, expect, test } from "bun:test";
import { assisted } from "../../test/assisted.ts";
import { piece, says } from "../../test/chat-server.ts";

describe("an answer", () => {
  test("is a message of the assistant, a reply to the question, with the text that the server streams", async () => {
    await using a = await assisted({ script: says("Hel", "lo, ", "ann.") });
    const { json: assistant } = await a.add({ instructions: "Be kind." });
    const { json: question } = await a.send("Well, @Helper?");
    const [answer] = await a.ended(1);
    expect(answer).toMatchObject({
      type: "user",
      status: "complete",
      sender_id: assistant.id,
      parent_id: question.id,
      content: "Hello, ann.",
      seq: 2,
      version: 2,
    });
    const [asked] = a.chat.asked;
    expect(asked).toMatchObject({
      path: "/v1/chat/completions",
      authorization: "Bearer the-secret-key",
      body: { model: "small", stream: true },
    });
    expect(asked?.body.messages).toEqual([
      { role: "system", content: expect.stringContaining("Be kind.") },
      { role: "user", content: "ann: Well, @Helper?" },
    ]);
    expect(await a.world.events()).toEqual([
      "conversation.created",
      "assistant.added",
      "message.sent",
      "message.sent",
      "message.completed",
    ]);
    expect(a.lines).toEqual([]);
  });
});
