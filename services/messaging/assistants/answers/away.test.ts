import { expect, test } from "bun:test";
import { raw } from "@stoa/db";
import { eventually, silent } from "@stoa/testing";
import { assisted } from "../../test/assisted.ts";
import { done, piece } from "../../test/chat-server.ts";
import { createWorld } from "../../test/world.ts";
import { startAssistants } from "./start.ts";

test("an answer that cannot be stored is told of, and what was stored before is not lost", async () => {
  const [away, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using a = await assisted({
    script: async function* () {
      yield piece("The herons ");
      await away.promise;
      yield piece("are back.");
      await over.promise;
      yield done;
    },
  });
  await a.add();
  await a.send("@helper");
  await eventually(async () => (await a.answers(1))[0]?.content === "The herons ");
  await a.world.db.write([raw("alter table answers rename to elsewhere")]);
  away.resolve();
  const told = () => a.lines.join();
  await eventually(() => told().includes("An answer could not be stored; it is tried again."));
  over.resolve();
  await eventually(() => told().includes("An answer could not be ended; it ends by its lease."));
  await eventually(() => told().includes("Assistants cannot answer; it is tried again."));
  await a.world.db.write([raw("alter table elsewhere rename to answers")]);
  expect((await a.answers(1))[0]).toMatchObject({ status: "streaming", content: "The herons " });
});

test("without a server of models nothing is looked for, and there is nothing to stop", async () => {
  await using world = await createWorld();
  const { db } = world;
  const running = startAssistants({ settings: undefined, db, now: () => new Date(), log: silent });
  running.stop("no message");
  await running.close();
  expect(running.settings).toBeUndefined();
});
