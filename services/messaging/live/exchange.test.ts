import { expect, test } from "bun:test";
import { exchangeOver, type News } from "./exchange.ts";

test("news goes over a channel as it is; what has another form is passed over", () => {
  const sent: unknown[] = [];
  let hear: (message: unknown) => void = () => undefined;
  const exchange = exchangeOver({
    send: (message) => void sent.push(message),
    onMessage: (listener) => {
      hear = listener;
      return () => undefined;
    },
  });
  const heard: News[] = [];
  exchange.onNews((news) => heard.push(news));
  const session = { user_id: "u", session_id: "s", here: true, status: "away" as const, said_at: 1 };
  const news: News = {
    instance: "i",
    sessions: [session],
    typing: [{ conversation_id: "c", user_id: "u", until: 2 }],
  };
  exchange.send(news);
  for (const message of [
    news,
    { ...news, hello: true },
    { ...news, sessions: [{ ...session, status: "asleep" }] },
    7,
  ]) {
    hear(message);
  }
  expect([sent, heard]).toEqual([[news], [news, { ...news, hello: true }]]);
});
