import { expect, test } from "bun:test";
import { kinds } from "../notifications/kinds.ts";
import { digestMail } from "./words.ts";

test("a mail says in a sentence what each notification is about, and who did it", () => {
  const told = kinds.map((kind) => ({ kind, object_title: "Harbour", actor_name: "Ann" }));
  const { text } = digestMail("https://stoa.example", "Bob", told);
  for (const sentence of [
    "Ann assigned you to the task Harbour.",
    "Ann mentioned you in Harbour.",
    "Ann answered you in Harbour.",
    "Ann invited you to Harbour.",
    "Ann added you to Harbour.",
    "Ann wrote about the task Harbour.",
    "The task Harbour is due within a day.",
    "The task Harbour is late.",
  ]) {
    expect(text).toContain(sentence);
  }
});

test("one notification is the subject; of many the first are named and the others counted", () => {
  const told = { kind: "replied", object_title: "Harbour", actor_name: null } as const;
  expect(digestMail("https://stoa.example", null, [told]).subject).toBe("Someone answered you in Harbour");
  const many = digestMail("https://stoa.example", null, Array(25).fill(told));
  expect([many.subject, many.text.includes("And 5 more.")]).toEqual(["25 notifications: Harbour", true]);
});
