import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Miniflare } from "miniflare";

let worker: Miniflare;

beforeAll(async () => {
  const built = await Bun.build({
    entrypoints: [`${import.meta.dir}/edge-worker.ts`],
    target: "browser",
    conditions: ["workerd", "worker", "browser"],
  });
  const contents = (await built.outputs[0]?.text()) ?? "";
  worker = new Miniflare({
    modules: [{ type: "ESModule", path: "worker.js", contents }],
    compatibilityDate: "2025-09-27",
  });
  await worker.ready;
}, 30_000);

afterAll(() => worker.dispose());

const id = "019a0000-0000-7000-8000-000000000000";
const token = { authorization: "Bearer x" };
const json = { ...token, "content-type": "application/json" };

const cases: readonly [
  promise: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: string | undefined,
  status: number,
  text: string,
][] = [
  ["reads", "GET", `/things/${id}`, token, undefined, 200, `{"id":"${id}","title":"a"}`],
  ["creates", "POST", "/things", json, '{"title":" b "}', 201, `{"id":"${id}","title":"b"}`],
  ["deletes", "DELETE", `/things/${id}`, token, undefined, 204, ""],
  ["answers HEAD", "HEAD", `/things/${id}`, token, undefined, 200, ""],
  ["redirects", "GET", "/elsewhere", {}, undefined, 302, ""],
  ["is alive", "GET", "/health/live", {}, undefined, 200, '{"status":"ok"}'],
  ["refuses a path", "GET", "/nothing", {}, undefined, 404, "not_found"],
  ["refuses a method", "PUT", "/things", {}, undefined, 405, "method_not_allowed"],
  ["refuses without a token", "GET", `/things/${id}`, {}, undefined, 401, "unauthorized"],
  ["refuses a large body", "POST", "/things", json, `{"title":"${"x".repeat(2 ** 20)}"}`, 413, "payload_too_large"],
  ["refuses a type", "POST", "/things", { ...json, "content-type": "text/plain" }, "{}", 415, "unsupported_media_type"],
  ["refuses bad JSON", "POST", "/things", json, "{", 400, "malformed_json"],
  ["refuses bad fields", "POST", "/things", json, '{"title":1}', 422, "/title"],
  ["refuses a malformed id", "GET", "/things/x", token, undefined, 404, "not_found"],
  ["says nothing of what broke", "GET", "/broken", {}, undefined, 500, "internal_error"],
];

describe("a service in workerd", () => {
  for (const [promise, method, path, headers, body, status, text] of cases) {
    test(promise, async () => {
      // A connection whose body was refused unread is closed, so none is used twice.
      const init = {
        method,
        headers: { ...headers, connection: "close" },
        redirect: "manual",
        ...(body !== undefined && { body }),
      } as const;
      const answer = await worker.dispatchFetch(`http://stoa.test${path}`, init);
      const said = await answer.text();
      expect(answer.status).toBe(status);
      expect(said).toContain(text);
      expect(said).not.toContain("hunter2");
      expect(answer.headers.get("x-request-id")).not.toBeNull();
      expect(answer.headers.get("x-frame-options")).toBe("DENY");
    });
  }
});
