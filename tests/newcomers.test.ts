import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Answer, type Problem, send } from "@stoa/testing";
import { type Stoa, startStoa } from "./routes/stoa.ts";

type Body = Record<string, unknown> & { results?: { external_id: string; id: string; outcome: string }[] };

let stoa: Stoa;
let root: string;
beforeAll(async () => {
  stoa = await startStoa();
  root = await login(stoa.root.email, stoa.root.password);
});
afterAll(() => stoa[Symbol.asyncDispose]());

const ask = <T = Body>(of: "identity" | "projects", method: string, path: string, body?: unknown, token = root) =>
  send<T & Problem>(stoa.apps[of], method, path, { token, body });

async function login(username: string, password: string): Promise<string> {
  const { body } = await send<{ access_token: string }>(stoa.apps.identity, "POST", "/api/v1/auth/login", {
    body: { username, password },
  });
  return body.access_token;
}

const users = [
  { external_id: "n", email: "nina@example.com", full_name: "Nina Simone" },
  { external_id: "o", username: "Otis" },
  { external_id: "s", username: "x" },
];
const projects = [
  { external_id: "p", name: "Songs", members: ["n", "o"].map((user) => ({ user, role: "developer" })) },
];
const save = (more: object = {}) =>
  ask("projects", "POST", "/api/v1/data/save", { source: "tracker", users, projects, ...more });
const outcomes = ({ body }: Answer<Body>) => body.results?.map((one) => `${one.external_id} ${one.outcome}`);

test("a superuser's save adds its people in identity, without a password, and the same again adds nobody", async () => {
  const dry = await save({ dry_run: true });
  expect(outcomes(dry)).toEqual(["n created", "o created", "s failed", "p created"]);
  const first = await save();
  expect(outcomes(first)).toEqual(["n created", "o created", "s failed", "p created"]);
  expect(first.body.results?.[2]).toMatchObject({
    error: { error_code: "validation_failed", errors: [{ path: "/username" }] },
  });
  const [nina, otis] = first.body.results?.map(({ id }) => id) ?? [];
  const user = async (id = "") => (await ask("identity", "GET", `/api/v1/auth/users/${id}`)).body;
  expect(await user(nina)).toMatchObject({ username: "nina", full_name: "Nina Simone", email_verified: false });
  expect(await user(otis)).toMatchObject({ username: "otis", email: null, is_active: true });
  const before = await stoa.journals();
  expect(outcomes(await save())).toEqual(["n unchanged", "o unchanged", "s failed", "p unchanged"]);
  expect(await stoa.journals()).toBe(before);
  await stoa.settle();
  expect(outcomes(await save())).toEqual(["n unchanged", "o unchanged", "s failed", "p unchanged"]);
});

test("who is added chooses a password by mail, logs in, and finds the project", async () => {
  const forgot = await ask("identity", "POST", "/api/v1/auth/password/forgot", { email: "nina@example.com" });
  expect(forgot.status).toBe(202);
  const [token, new_password] = [await stoa.mailedToken("nina@example.com"), "I put a spell on you, 1965"];
  expect((await ask("identity", "POST", "/api/v1/auth/password/reset", { token, new_password })).status).toBe(204);
  const hers = await login("nina@example.com", new_password);
  const { body } = await ask<{ items: { name: string; role: string }[] }>(
    "projects",
    "GET",
    "/api/v1/projects",
    undefined,
    hers,
  );
  expect(body.items).toMatchObject([{ name: "Songs", role: "developer" }]);
});

test("with all_or_none nobody is added for a payload that identity refuses in part", async () => {
  const before = await stoa.journals();
  const failed = await ask("projects", "POST", "/api/v1/data/save", {
    ...{ source: "other", all_or_none: true },
    users: [
      { external_id: "a", username: "aretha" },
      { external_id: "r", username: "x" },
    ],
  });
  expect([failed.status, failed.body.error_code]).toEqual([422, "import_failed"]);
  expect(await stoa.journals()).toBe(before);
});

test("the older clients' path adds them too, and a user's save adds nobody", async () => {
  const older = await ask("projects", "POST", "/data/save", {
    source: "older",
    users: [{ external_id: "m", username: "miles" }],
  });
  expect(older.body).toMatchObject({ success: true, data: { results: [{ outcome: "created" }] } });
  const hers = await login("nina@example.com", "I put a spell on you, 1965");
  const saved = await ask(
    "projects",
    "POST",
    "/api/v1/data/save",
    { source: "hers", users: [{ external_id: "d", username: "dizzy" }] },
    hers,
  );
  expect(saved.body.results?.[0]).toMatchObject({ outcome: "failed", error: { error_code: "not_found" } });
});
