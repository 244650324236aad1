import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { rowsOf } from "@stoa/testing";
import type { DataSaved } from "../data/schema.ts";
import { type Person, startWorld, type World } from "../test/world.ts";
import { corporateProjects } from "./client.ts";

const credential = "corporate.credential-4711";

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | null;
}

/** A real server with the corporate list. It answers as it is told, and remembers what it was asked. */
class List {
  readonly asked: Asked[] = [];
  answer: (url: URL) => Response | Promise<Response> = () => Response.json({ items: [], next: null });
  readonly #server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => {
      const { method, url, headers } = request;
      this.asked.push({ method, url, authorization: headers.get("authorization") });
      return this.answer(new URL(url));
    },
  });
  readonly url = `${this.#server.url}projects?tenant=1`;
  stop = () => this.#server.stop(true);
}

let [list, elsewhere]: [List, List] = [new List(), new List()];
let world: World;
let ada: Person;
beforeAll(async () => {
  const bounds = { page_ms: 400, total_ms: 1_500, most_bytes: 20_000, most_pages: 5, most_items: 60 };
  world = await startWorld({
    corporate: { pages: (one) => corporateProjects({ url: list.url, ...bounds }).pages(one) },
  });
});
beforeEach(async () => {
  [list, elsewhere] = [new List(), new List()];
  // A person for each test: nobody's projects are in the way of another's.
  ada = await world.person(`ada${crypto.randomUUID().slice(0, 8)}`);
});
afterEach(async () => {
  await list.stop();
  await elsewhere.stop();
  // Whatever went wrong: the credential is in no log.
  expect(JSON.stringify(world.failures)).not.toContain(credential);
});
afterAll(() => world.close());

const fetchAs = async (as: Person | null, body: unknown = { credential }) => {
  const answer = await world.ask<DataSaved & { error_code: string; detail: string }>(
    "POST",
    "/projects/fetch-projects",
    { as, body },
  );
  expect(JSON.stringify(answer.body)).not.toContain(credential);
  return answer;
};
const names = async () =>
  (
    await rowsOf<{ name: string }>(
      world.db,
      sql`select name from projects where owner_scope = ${ada.user_id} order by name`,
    )
  ).map(({ name }) => name);
const item = (id: number | string, more: object = {}) => ({ id, name: `Project ${id}`, ...more });
const page = (items: readonly unknown[], next: unknown = null) => Response.json({ items, next });
const isPage = (url: URL, number: number) => (url.searchParams.get("page") ?? "1") === String(number);

describe("the corporate list", () => {
  test("is read page by page with the credential as bearer, and saved under the source ace; again, nothing changes", async () => {
    list.answer = (url) =>
      isPage(url, 1)
        ? page([item(1, { key: "ONE", owner: "x" }), item("two", { description: "Second" })], "?page=2")
        : isPage(url, 2)
          ? page([], `${url.origin}/projects?page=3`)
          : page([{ external_id: "3", title: "Third", key: "not a key" }]);
    const first = await fetchAs(ada);
    expect([first.status, first.body.totals]).toEqual([200, { created: 3, updated: 0, unchanged: 0, failed: 0 }]);
    expect(first.body.results.map(({ kind, external_id }) => [kind, external_id])).toEqual([
      ["project", "1"],
      ["project", "two"],
      ["project", "3"],
    ]);
    expect(list.asked).toEqual(
      ["?tenant=1", "?page=2", "?page=3"].map((search) => ({
        method: "GET",
        url: `${new URL(list.url).origin}/projects${search}`,
        authorization: `Bearer ${credential}`,
      })),
    );
    expect(await names()).toEqual(["Project 1", "Project two", "Third"]);
    expect((await fetchAs(ada)).body.totals).toEqual({ created: 0, updated: 0, unchanged: 3, failed: 0 });
    const saved = await world.ask<DataSaved>("POST", "/data/save", {
      as: ada,
      body: { source: "ace", projects: [{ external_id: "1", name: "Another name" }] },
    });
    expect(saved.body.totals.updated).toBe(1);
  });

  test("that refuses the credential is 401 invalid_credentials", async () => {
    for (const status of [401, 403]) {
      list.answer = () => new Response("no", { status });
      const { body, ...answer } = await fetchAs(ada);
      expect([answer.status, body.error_code]).toEqual([401, "invalid_credentials"]);
    }
  });

  test("that is not configured is 503; a credential that cannot be sent is 422; without a token it is 401", async () => {
    const bare = await startWorld();
    const someone = await bare.person("someone");
    const { status, body } = await bare.ask("POST", "/projects/fetch-projects", { as: someone, body: { credential } });
    expect([status, body.error_code]).toEqual([503, "not_configured"]);
    await bare.close();
    for (const bad of ["", "two words", "line\nbreak", "clé", "x".repeat(8_193), 7]) {
      expect((await fetchAs(ada, { credential: bad })).status).toBe(422);
    }
    expect((await fetchAs(null)).status).toBe(401);
    expect(list.asked).toEqual([]);
  });

  test("that redirects is not followed: the credential goes nowhere else", async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      list.answer = () => new Response(null, { status, headers: { location: elsewhere.url } });
      const answer = await fetchAs(ada);
      expect([answer.status, answer.body.error_code]).toEqual([502, "directory_unavailable"]);
      expect(answer.body.detail).toContain(String(status));
    }
    expect(elsewhere.asked).toEqual([]);
  });

  test.each([
    ["of another origin", () => elsewhere.url],
    ["without a scheme, elsewhere", () => elsewhere.url.replace("http:", "")],
    ["with a password", () => list.url.replace("http://", "http://a:b@")],
    ["that is no address", () => "http://"],
    ["of a file", () => "file:///etc/passwd"],
    ["the page itself", () => list.url],
  ])("whose next is %s is not followed; the page that named it is saved", async (_, next) => {
    list.answer = () => page([item(1)], next());
    const { status, body } = await fetchAs(ada);
    expect([status, body.error_code]).toEqual([502, "directory_unavailable"]);
    expect([list.asked.length, elsewhere.asked]).toEqual([1, []]);
    expect(await names()).toEqual(["Project 1"]);
  });

  test.each([
    ["no JSON", "<html>"],
    ["half of it", JSON.stringify({ items: [item(2)] }).slice(0, -5)],
    ["a list", "[]"],
    ["no items", "{}"],
    ["items that are none", JSON.stringify({ items: {} })],
    ["an item without an id", JSON.stringify({ items: [item(2), { name: "N" }] })],
    ["an item without a name", JSON.stringify({ items: [item(2), { id: 3 }] })],
    ["a name that is too long", JSON.stringify({ items: [item(2), item(3, { name: "n".repeat(256) })] })],
    ["a name with a NUL", JSON.stringify({ items: [item(2), item(3, { name: "a\0b" })] })],
    ["a lone surrogate", '{"items":[{"id":1,"name":"\\ud800"}]}'],
    ["a description that is a number", JSON.stringify({ items: [item(2, { description: 7 })] })],
    ["a next that is a number", JSON.stringify({ items: [item(2)], next: 7 })],
    ["more than a thousand items", JSON.stringify({ items: Array.from({ length: 1001 }, () => ({ id: 1 })) })],
    ["bytes that are no UTF-8", new Uint8Array([0x7b, 0xff, 0xfe, 0x7d])],
    ["nothing", ""],
  ])("with %s on its second page is 502; nothing of that page is saved, and the first is", async (_, second) => {
    list.answer = (url) => (isPage(url, 2) ? new Response(second) : page([item(1)], "?page=2"));
    const { status, body } = await fetchAs(ada);
    expect([status, body.error_code]).toEqual([502, "directory_unavailable"]);
    expect(body.detail).toStartWith("Page 2 of the corporate list of projects ");
    expect(await names()).toEqual(["Project 1"]);
  });

  test.each([204, 400, 404, 429, 500, 503])("that answers %p is 502", async (status) => {
    list.answer = () => new Response(status === 204 ? null : JSON.stringify({ items: [] }), { status });
    expect((await fetchAs(ada)).body.error_code).toBe("directory_unavailable");
    expect(list.asked).toHaveLength(1);
  });

  test("that is slow to answer, or stops in the middle of a page, is given up on", async () => {
    list.answer = () => new Promise<Response>(() => undefined);
    expect((await fetchAs(ada)).body.detail).toContain("took too long");
    list.answer = () => new Response(new ReadableStream({ start: (it) => it.enqueue(new TextEncoder().encode("{")) }));
    expect((await fetchAs(ada)).body.detail).toContain("took too long");
    expect(await names()).toEqual([]);
  });

  test("that answers without end, is away, has too many pages or projects, is read no further", async () => {
    list.answer = () => new Response(new ReadableStream({ pull: (it) => it.enqueue(new Uint8Array(10_000).fill(32)) }));
    expect((await fetchAs(ada)).body.detail).toContain("could not be read");
    let next = 1;
    list.answer = () => page([], `?page=${++next}`);
    expect((await fetchAs(ada)).body.detail).toContain("more than 5 pages");
    list.answer = (url) => {
      const first = Number(url.searchParams.get("page") ?? 0) * 50;
      return page(
        Array.from({ length: 50 }, (_, i) => item(first + i)),
        `?page=${first / 50 + 1}`,
      );
    };
    expect((await fetchAs(ada)).body.detail).toContain("more than 60 projects");
    expect(await names()).toHaveLength(50);
    await list.stop();
    expect((await fetchAs(ada)).body.error_code).toBe("directory_unavailable");
  });
});
