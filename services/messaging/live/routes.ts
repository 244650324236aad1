import { controller, operation } from "@stoa/http";
import { ConversationParams } from "../conversations/schema.ts";
import { type MessagingDeps, streamsOf } from "../deps.ts";
import { presenceExample } from "../examples.ts";
import { readPresence } from "./read.ts";
import { OwnPresence, Presence, PresenceQuery, Presences } from "./schema.ts";
import { typeIn } from "./type.ts";

const common = { access: "user", tags: ["presence"] } as const;

/** Who is there. */
export const presenceRoutes = (deps: MessagingDeps) =>
  controller(deps.http, "/api/v1/presence")
    .get(
      "",
      async ({ actor, query }) => {
        const { live } = streamsOf(deps);
        return { items: await readPresence({ db: deps.db, live }, actor, query.user_ids) };
      },
      operation({
        id: "presence.list",
        ...common,
        summary: "See who is online",
        description: `Those of them with whom you share a conversation, and yourself; others are left out. Over a socket,
\`{"type": "presence", "user_ids"}\` tells you of changes as well.`,
        query: PresenceQuery,
        answer: Presences,
        errors: ["not_implemented"],
        example: { answer: { items: [presenceExample] } },
      }),
    )
    .put(
      "",
      ({ actor, body }) => {
        const { live } = streamsOf(deps);
        live.say(actor, body.status);
        return { user_id: actor.user_id, status: live.statusOf(actor.user_id) };
      },
      operation({
        id: "presence.set",
        ...common,
        summary: "Say whether one is at work or away",
        description: `For this session: whoever is online in any session is online. It holds as long as the session has a
stream or a socket, or for a minute; then you are offline. It is never stored.`,
        body: OwnPresence,
        answer: Presence,
        errors: ["not_implemented"],
        example: { body: { status: "away" }, answer: { ...presenceExample, status: "away" } },
      }),
    );

/** Who types. */
export const typingRoutes = (deps: MessagingDeps) =>
  controller(deps.http, "/api/v1/conversations").put(
    "/:id/typing",
    async ({ actor, params }) => {
      const { live } = streamsOf(deps);
      await typeIn({ db: deps.db, live }, actor, params.id);
    },
    operation({
      id: "conversations.typing.set",
      access: "user",
      tags: ["conversations"],
      summary: "Say that one is typing",
      description: `Those who have the conversation open at a socket get \`typing\`, which holds for ten seconds: say it again every
five. In conversations of more than 100 people nobody is told. It is never stored.`,
      params: ConversationParams,
      answer: null,
      errors: ["not_found", "forbidden", "not_implemented"],
    }),
  );
