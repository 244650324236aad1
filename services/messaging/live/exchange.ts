import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { Channel } from "@stoa/bus/types";
import { statuses } from "./schema.ts";

/** One session, as an instance sees it. */
const SessionNews = Type.Object({
  user_id: Type.String(),
  session_id: Type.String(),
  /** Whether it is here. */
  here: Type.Boolean(),
  /** What its user last said, and when; milliseconds since 1970. */
  status: Type.Union(statuses.map((status) => Type.Literal(status))),
  said_at: Type.Number(),
});
/** One session, as an instance sees it. */
export type SessionNews = Static<typeof SessionNews>;

/** Someone who types. */
const TypingNews = Type.Object({
  conversation_id: Type.String(),
  user_id: Type.String(),
  /** Milliseconds since 1970. */
  until: Type.Number(),
});
/** Someone who types. */
export type TypingNews = Static<typeof TypingNews>;

/** What one instance tells the others, at most once a second and only if there is anything to tell. */
const News = Type.Object({
  /** Which instance says it. */
  instance: Type.String(),
  /** It has just begun: the others say everything that they know of their own sessions. */
  hello: Type.Optional(Type.Boolean()),
  sessions: Type.Array(SessionNews),
  typing: Type.Array(TypingNews),
});
/** What one instance tells the others, at most once a second and only if there is anything to tell. */
export type News = Static<typeof News>;

/** Carries news between the instances of the service. What is sent may be lost. */
export interface Exchange {
  send(news: News): void;
  /** Calls back with the news of others, perhaps also with one's own. */
  onNews(listener: (news: News) => void): () => void;
}

/** Where there is one instance. */
export const alone: Exchange = { send: () => undefined, onNews: () => () => undefined };

/** News over a channel. What another version of the service says in another form is passed over. */
export function exchangeOver(channel: Channel): Exchange {
  return {
    send: (news) => channel.send(news),
    onNews: (listener) => channel.onMessage((message) => Value.Check(News, message) && listener(message)),
  };
}
