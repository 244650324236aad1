import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { StoaError } from "@stoa/errors";
import { system } from "@stoa/events";
import { identityOver } from "./identity.ts";

const token = "a.secret.token";
const asker = {
  authorization: `Bearer ${token}`,
  cause: { ...system, request_id: "r-1", traceparent: "00-a-b-01", ip_address: "192.0.2.7", device_info: "curl" },
};
const people = [{ email: "nina@example.com", full_name: null }, { username: "otis" }];

/** A real server in identity's place. It answers as it is told, and remembers what it was asked. */
const asked: { readonly url: string; readonly headers: Headers; readonly body: string }[] = [];
let answer: () => Response | Promise<Response>;
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: async (request) => {
    const { url, headers } = request;
    asked.push({ url, headers, body: await request.text() });
    return answer();
  },
});
const identity = identityOver({ url: server.url.origin, timeout_ms: 500 });
beforeEach(() => {
  asked.length = 0;
});
afterAll(() => server.stop(true));

const lines = (...all: unknown[]) => new Response(all.map((line) => `${JSON.stringify(line)}\n`).join(""));
const made = (line: number, id: string | null = `id${line}`, outcome = "created") => ({ line, outcome, id });

/** The error of asking, which says nothing of the token. */
async function refusal(): Promise<StoaError> {
  const error = await identity.addPeople(asker, people, false).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof StoaError)) throw new Error("It was not refused.");
  expect(`${error.message} ${String(error.cause)}`).not.toContain(token);
  return error;
}

test("people are lines of an import, in the name of whoever asks, in their request and from their address", async () => {
  answer = () => lines(made(1), made(2, "id2", "unchanged"));
  expect(await identity.addPeople(asker, people, false)).toEqual([{ user_id: "id1" }, { user_id: "id2" }]);
  const [{ url, headers, body } = { url: "", headers: new Headers(), body: "" }] = asked;
  expect(new URL(url).pathname + new URL(url).search).toBe("/api/v1/auth/users/import?dry_run=false");
  expect(
    body
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { email: "nina@example.com", full_name: null },
    { email: null, username: "otis" },
  ]);
  expect(
    ["authorization", "content-type", "x-request-id", "traceparent", "x-forwarded-for", "user-agent"].map((name) =>
      headers.get(name),
    ),
  ).toEqual([asker.authorization, "application/x-ndjson", "r-1", "00-a-b-01", "192.0.2.7", "curl"]);
});

test("a dry run is one there too, and a request without a context has no empty headers", async () => {
  answer = () => lines(made(1, null), made(2, null));
  const bare = { ...asker, cause: system };
  expect(await identity.addPeople(bare, people, true)).toEqual([{ user_id: null }, { user_id: null }]);
  expect(asked[0]?.url).toEndWith("?dry_run=true");
  expect(["x-request-id", "traceparent", "x-forwarded-for"].map((name) => asked[0]?.headers.has(name))).toEqual([
    false,
    false,
    false,
  ]);
});

test("who is refused has identity's reason", async () => {
  const errors = [{ path: "/username", message: "It is too short." }];
  const error = { error_code: "validation_failed", detail: "Some fields are invalid.", errors };
  answer = () => lines({ line: 1, outcome: "refused", id: null, error }, made(2));
  const [first, second] = await identity.addPeople(asker, people, false);
  expect(first).toMatchObject({ refused: { code: "validation_failed", errors } });
  expect(second).toEqual({ user_id: "id2" });
});

describe("identity's refusal of the whole is", () => {
  test.each([
    [401, "invalid_token"],
    [403, "forbidden"],
    [429, "rate_limited"],
    [307, "unavailable"],
    [400, "unavailable"],
    [404, "unavailable"],
    [500, "unavailable"],
    [503, "unavailable"],
  ])("%d: %s", async (status, code) => {
    answer = () => new Response("no", { status, headers: { location: "http://127.0.0.1:9/", "retry-after": "7" } });
    const { code: said, headers } = await refusal();
    expect([said, headers?.["retry-after"], asked.length]).toEqual([
      code as typeof said,
      code === "rate_limited" ? "7" : undefined,
      1,
    ]);
  });
});

describe("unavailable is identity when it answers", () => {
  test.each([
    ["no JSON", () => new Response("<html>\n<body>\n")],
    ["one line for two", () => lines(made(1))],
    ["three lines for two", () => lines(made(1), made(2), made(3))],
    ["a line without an id", () => lines(made(1), { line: 2, outcome: "created" })],
    ["that it failed in the middle", () => lines(made(1), { line: 2, outcome: "failed", id: null })],
    [
      "a reason that nobody knows",
      () => lines(made(1), { ...made(2, null, "refused"), error: { error_code: "x", detail: "" } }),
    ],
    ["more than it may", () => new Response("x".repeat(5_000_000))],
    ["never", () => new Promise<Response>(() => undefined)],
  ])("%s", async (_, says) => {
    answer = says;
    expect((await refusal()).code).toBe("unavailable");
  });

  test("nowhere", async () => {
    const nowhere = identityOver({ url: "http://127.0.0.1:9" });
    await expect(nowhere.addPeople(asker, people, false)).rejects.toMatchObject({ code: "unavailable" });
  });
});
