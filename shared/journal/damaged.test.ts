import { expect, test } from "bun:test";
import type { TSchema } from "@sinclair/typebox";
import { eventCatalogue, isAdded, services } from "@stoa/events";
import { eventFault } from "./damaged.ts";

const said = { id: "e1", subject: "s1", time: "2026-03-01T09:00:00.000Z" };

test("an event of an earlier version lacks what was added since, and can be read", () => {
  const retired = { ...said, name: "key.retired", data: { kid: "k1" } };
  expect(eventFault("identity", retired)).toBeUndefined();
  expect(eventFault("identity", { ...retired, data: { kid: "k1", expires_at: said.time } })).toBeUndefined();
  expect(eventFault("identity", { ...retired, data: { kid: "k1", expires_at: 7 } })?.what).toContain("(expires_at)");
  expect(eventFault("identity", { ...retired, data: { expires_at: said.time } })?.what).toContain("(kid)");
  expect(eventFault("identity", { ...said, name: "login.disabled", data: { user_id: "u1" } })).toBeUndefined();
});

test("an event of a later version has more, and can be read; one of a type that it made cannot", () => {
  const data = { kid: "k1", expires_at: said.time, why: "later" };
  expect(eventFault("identity", { ...said, name: "key.retired", data })).toBeUndefined();
  expect(eventFault("identity", { ...said, name: "key.melted", data })).toMatchObject({ newer: true });
  expect(eventFault("projects", { ...said, name: "key.retired", data })).toMatchObject({ newer: true });
});

/** The fields that every event of a type has had from its first version on. */
function requiredIn(schema: TSchema, path = ""): string[] {
  const properties: Readonly<Record<string, TSchema>> = schema["properties"] ?? {};
  const required: readonly string[] = schema["required"] ?? [];
  const own = required.filter((name) => !isAdded(properties[name])).map((name) => path + name);
  const inside = Object.entries(properties).flatMap(([name, each]) => requiredIn(each, `${path}${name}.`));
  const parts: readonly TSchema[] = [...(schema["anyOf"] ?? []), ...(schema["items"] ? [schema["items"]] : [])];
  return [...own, ...inside, ...parts.flatMap((each) => requiredIn(each, path))];
}

test("a field that events must have was there from the first version of its type, or is marked as added", () => {
  const all = services.flatMap((service) =>
    Object.entries<TSchema>(eventCatalogue[service]).map(
      ([name, schema]) => `${service} ${name}: ${requiredIn(schema).toSorted().join(" ")}`,
    ),
  );
  // A line that gets longer is a field that events in journals lack: wrap it in `added`. A new line is a new event.
  expect(all.join("\n")).toMatchSnapshot();
});
