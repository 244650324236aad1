import { type Database, newId } from "@stoa/db";
import type { Logger } from "@stoa/http";
import type { Connection, Listener } from "../stream/connection.ts";
import { PassingEvent } from "../stream/parcels.ts";
import { LiveClient } from "./client.ts";
import { clock } from "./clock.ts";
import { alone, type Exchange, type TypingNews } from "./exchange.ts";
import { PresenceBook } from "./presence.ts";
import type { Presence, Status } from "./schema.ts";
import { Subscribers } from "./subscribers.ts";
import { tellPresence, tellTyping } from "./tell.ts";
import { TypingBook } from "./typing.ts";

/** What typing and presence need. */
export interface LiveOptions {
  readonly db: Database;
  readonly now: () => Date;
  readonly log: Pick<Logger, "warn">;
  /** The other instances; none unless given. */
  readonly exchange?: Exchange | undefined;
  /** How often changes are looked for and told; 1,000 ms unless given. */
  readonly liveMs?: number | undefined;
}

/** Typing and presence: in memory, never stored, perhaps lost. */
export interface Live {
  /** A client that may say what it looks at. */
  client(connection: Connection): LiveClient;
  /** Someone types, and may: those who have the conversation open are told. */
  type(conversation_id: string, user_id: string): Promise<void>;
  /** A user says how they are, in one session. */
  say(session: Pick<Listener, "user_id" | "session_id">, status: Status): void;
  statusOf(user_id: string): Presence["status"];
  /** A stream or a socket began. */
  opened(listener: Listener): void;
  /** A stream or a socket ended. */
  closed(listener: Listener): void;
  stop(): void;
}

/** Makes the typing and presence of a process. */
export function createLive({ db, now, log, exchange = alone, liveMs }: LiveOptions): Live {
  const time = () => now().getTime();
  const instance = newId();
  const books = { db, presence: new PresenceBook(time), typing: new TypingBook(time), subscribers: new Subscribers() };
  const { presence, typing, subscribers } = books;
  const pending = new Map<string, TypingNews>();
  let greeted = false;

  const failed = (error: unknown) => log.warn({ err: error }, "typing or presence could not be told");
  const ticks = clock(() => {
    typing.sweep();
    const changed = presence.changes();
    tellOthers();
    tellPresence(db, subscribers, changed).catch(failed);
    return !presence.empty || !typing.empty;
  }, liveMs);

  /** The other instances get one message, in which each session and each one who types stands once. */
  function tellOthers(): void {
    const news = { instance, sessions: presence.news(), typing: [...pending.values()] };
    pending.clear();
    if (!greeted) exchange.send({ ...news, hello: true });
    else if (news.sessions.length > 0 || news.typing.length > 0) exchange.send(news);
    greeted = true;
  }

  const stopHearing = exchange.onNews((news) => {
    if (news.instance === instance) return;
    if (news.hello) presence.confirmAll();
    for (const session of news.sessions) presence.take(news.instance, session);
    for (const one of news.typing) typing.take(one);
    ticks.wind();
    tellTyping(db, typing, news.typing).catch(failed);
  });
  if (exchange !== alone) ticks.wind();

  return {
    client: (connection) => {
      const { user_id } = connection.listener;
      return new LiveClient(books, {
        user_id,
        whisper: (event, data) => connection.whisper(new PassingEvent(event, data)),
      });
    },
    async type(conversation_id, user_id) {
      const news = typing.type(conversation_id, user_id);
      if (!news) return;
      pending.set(`${conversation_id} ${user_id}`, news);
      ticks.wind();
      await tellTyping(db, typing, [news]);
    },
    say: ({ user_id, session_id }, status) => {
      presence.say(user_id, session_id, status);
      ticks.wind();
    },
    statusOf: (user_id) => presence.statusOf(user_id),
    opened: ({ user_id, session_id }) => {
      presence.opened(user_id, session_id);
      ticks.wind();
    },
    closed: ({ user_id, session_id }) => {
      presence.closed(user_id, session_id);
      ticks.wind();
    },
    stop: () => {
      stopHearing();
      ticks.stop();
    },
  };
}
