import { afterAll, describe, expect, test } from "bun:test";
import { Caller } from "./routes/ask.ts";
import { secondFactor } from "./routes/second-factor.ts";
import { itemsOf, type Person, type Resource, Stage } from "./routes/stage.ts";
import { startStoa } from "./routes/stoa.ts";

/**
 * What changes a person's power in identity, and what has become of what they were given in the other services before: `+`
 * it is still good, `-` it is worth nothing any more.
 *
 * - `projects`, `messaging`: the access token of another session, there
 * - `stream`: the ticket for a live stream that this other session was given
 * - `key`: the `Idempotency-Key` of a task that this other session created
 * - `reads`: the organization's project, which they are no member of, with whatever token they can still get
 * - `trash`: deleting that project
 * - `member`, `assigned`, `talks`: their membership of a project, their assignment there, and their place in its conversation
 */
const columns = ["projects", "messaging", "stream", "key", "reads", "trash", "member", "assigned", "talks"] as const;
type Found = Record<(typeof columns)[number], string>;

const expected = tableOf(`
                          projects messaging stream key reads trash member assigned talks
  nothing                 +        +         +      +   +     +     +      +        +
  factor on               -        -         -      -   +     +     +      +        +
  factor off by superuser +        +         +      +   +     +     +      +        +
  password                -        -         -      -   +     +     +      +        +
  reset                   -        -         -      -   +     +     +      +        +
  log out everywhere      -        -         -      -   +     +     +      +        +
  roles                   +        +         +      +   +     +     +      +        +
  owner to member         +        +         +      +   +     -     +      +        +
  removed                 +        +         +      +   -     -     -      -        -
  superuser no more       +        +         +      +   -     -     +      +        +
  disable                 -        -         -      -   -     -     +      +        +
  erased                  -        -         -      -   -     -     -      -        -
  address by superuser    -        -         -      -   +     +     +      +        +
`);

const stoa = await startStoa();
const caller = new Caller(stoa);
const stage = new Stage(stoa, caller);
const root = await stage.root();
afterAll(() => stoa[Symbol.asyncDispose]());

const unique = () => crypto.randomUUID().slice(0, 8);
const newPassword = "nine swans under the bridge";

interface Scene {
  readonly ada: Person;
  /** Who loses or gets power, in the session that does it. */
  readonly bea: Person;
  readonly organization: Resource;
}

const asRoot = (name: string, id: string, json?: unknown) =>
  stage.must(name, { token: root.token, params: { id }, json });

/** How each row changes Bea's power, and what she logs in with from then on: null when she cannot. */
const changes: Readonly<Record<string, (scene: Scene) => Promise<Login | null>>> = {
  nothing: async ({ bea }) => bea,
  "factor on": async ({ bea }) => {
    const { person } = await secondFactor(stage, bea);
    return { token: person.token };
  },
  "factor off by superuser": async ({ bea }) => {
    await asRoot("DELETE /auth/users/:id/mfa", bea.id);
    return { token: bea.token };
  },
  password: async ({ bea }) => {
    const json = { current_password: bea.password, new_password: newPassword };
    await stage.must("PUT /auth/me/password", { token: bea.token, json });
    return { username: bea.username, password: newPassword };
  },
  reset: async ({ bea }) => {
    const email = `${bea.username}@example.com`;
    await stage.must("POST /auth/password/forgot", { json: { email } });
    const token = await stoa.mailedToken(email);
    await stage.must("POST /auth/password/reset", { json: { token, new_password: newPassword } });
    return { username: bea.username, password: newPassword };
  },
  "log out everywhere": async ({ bea }) => {
    await stage.must("POST /auth/logout-all", { token: bea.token });
    return bea;
  },
  roles: async ({ bea }) => {
    const name = `role-${unique()}`;
    await stage.must("POST /auth/roles", { token: root.token, json: { name } });
    await asRoot("PUT /auth/users/:id/roles", bea.id, { roles: [name] });
    return bea;
  },
  "owner to member": async (scene) => {
    await ofMember("PATCH", scene, { role: "member" });
    return scene.bea;
  },
  removed: async (scene) => {
    await ofMember("DELETE", scene);
    return scene.bea;
  },
  "superuser no more": async ({ bea }) => {
    await asRoot("PUT /auth/users/:id/superuser", bea.id, { is_superuser: false });
    return bea;
  },
  disable: async ({ bea }) => {
    await asRoot("PUT /auth/users/:id/disable", bea.id);
    return null;
  },
  erased: async ({ bea }) => {
    await asRoot("DELETE /auth/users/:id", bea.id);
    return null;
  },
  "address by superuser": async ({ bea }) => {
    await asRoot("PATCH /auth/users/:id", bea.id, { email: `${unique()}@example.org` });
    return bea;
  },
};

type Login = Pick<Person, "username" | "password"> | Pick<Person, "token">;

const ofMember = (method: string, { ada, bea, organization }: Scene, json?: unknown) =>
  stage.must(`${method} /organizations/:id/members/:user_id`, {
    token: ada.token,
    params: { id: organization.id, user_id: bea.id },
    json,
  });

test("every row says how it happens, and every change has its row", () => {
  expect(Object.keys(changes)).toEqual([...expected.keys()]);
});

describe("of what somebody was given in projects and messaging", () => {
  test.each([...expected.keys()])("%s", async (row) => {
    const { ada, organization, project, task, looms, key, other, ticket, ...scene } = await setUp(row);
    const login = await changes[row]?.({ ada, organization, bea: scene.bea });
    const token = login && (await tokenOf(login));
    const status = async (name: string, sending: Parameters<Caller["ask"]>[1]) =>
      (await caller.ask(stage.operation(name), sending)).status;
    const good = async (name: string, sending: Parameters<Caller["ask"]>[1]) =>
      (await status(name, sending)) < 300 ? "+" : "-";
    const inLooms = { token: ada.token, params: { id: looms.id } };
    const listed = async (name: string, sending: typeof inLooms, where: string) =>
      JSON.stringify((await stage.must(name, sending))[where]).includes(scene.bea.id) ? "+" : "-";
    const found: Found = {
      projects: await good("GET /projects", { token: other.token }),
      messaging: await good("GET /conversations", { token: other.token }),
      stream: await streams(ticket),
      key: await good("POST /tasks", key),
      reads: token ? await good("GET /projects/:id", { token, params: { id: project.id } }) : "-",
      member: await listed("GET /projects/:id", inLooms, "members"),
      assigned: await listed("GET /tasks/:id", { token: ada.token, params: { id: task.id } }, "assignee_ids"),
      talks: await talks(ada, looms.id, scene.bea.id),
      // It comes last: it takes the project away.
      trash: token ? await good("DELETE /projects/:id", { token, params: { id: project.id } }) : "-",
    };
    expect(found).toEqual(expected.get(row) as Found);
  });
});

/** Opens a stream with a ticket, and leaves it. */
async function streams(ticket: string): Promise<string> {
  const leaving = new AbortController();
  const { signal } = leaving;
  const answer = await stoa.apps.messaging.handle(
    new Request(`http://stoa.test/api/v1/stream?ticket=${encodeURIComponent(ticket)}`, { signal }),
  );
  await answer.body?.cancel();
  leaving.abort();
  return answer.status === 200 ? "+" : "-";
}

/** Whether somebody takes part in the conversation of a project. */
async function talks({ token }: Person, project_id: string, user_id: string): Promise<string> {
  const answer = await caller.ask(stage.operation("GET /conversations"), { token });
  const found = itemsOf(answer).find((conversation) => conversation["project_id"] === project_id);
  return JSON.stringify(found?.["participants"] ?? []).includes(user_id) ? "+" : "-";
}

async function tokenOf(login: Login): Promise<string> {
  if (!("password" in login)) return login.token;
  return (await stage.login(login.username, login.password, "")).token;
}

/**
 * Bea owns an organization with Ada, who has two projects in it: Bea is a member of one, assigned to its task, and has another
 * session with a ticket and a key.
 */
async function setUp(row: string) {
  const ada = await stage.person();
  let bea = await stage.person();
  const organization = await stage.must("POST /organizations", {
    token: ada.token,
    json: { name: `Engines ${unique()}` },
  });
  const inside = { organization_id: organization.id };
  const superuser = row === "superuser no more";
  if (superuser) await asRoot("PUT /auth/users/:id/superuser", bea.id, { is_superuser: true });
  else {
    const json = { user_id: bea.id, role: "owner" };
    await stage.must("POST /organizations/:id/members", { token: ada.token, params: { id: organization.id }, json });
  }
  const project = await stage.must("POST /projects", { token: ada.token, json: { name: "Harbour", ...inside } });
  // A superuser's own project is in no organization: what they are a member of does not hang on their power.
  const looms = await stage.must("POST /projects", {
    token: ada.token,
    json: { name: "Looms", ...(superuser ? {} : inside) },
  });
  const membership = { user_id: bea.id, role: "developer" };
  await stage.must("POST /projects/:id/users", { token: ada.token, params: { id: looms.id }, json: membership });
  const task = await stage.must("POST /tasks", {
    token: ada.token,
    json: { title: "Weave", project_id: looms.id, assignee_ids: [bea.id] },
  });
  let other = await stage.login(bea.username, bea.password, bea.id);
  if (row === "factor off by superuser") {
    // Turning it on ends the other session, which logs in again, by a recovery code.
    const { person, recovery_codes } = await secondFactor(stage, bea);
    bea = person;
    const json = { username: bea.username, password: bea.password };
    const { mfa_token } = await stage.refused("POST /auth/login", { json });
    const proof = { mfa_token, recovery_code: recovery_codes[0] };
    const tokens = await stage.must("POST /auth/mfa/verify", { json: proof });
    other = { ...other, token: String(tokens["access_token"]) };
  }
  const key = { token: other.token, json: { title: "Again" }, headers: { "idempotency-key": unique() } };
  await stage.must("POST /tasks", key);
  const { ticket } = await stage.must("POST /stream/ticket", { token: other.token });
  return { ada, bea, organization, project, looms, task, other, key, ticket: String(ticket) };
}

function tableOf(text: string): ReadonlyMap<string, Found> {
  const [, ...lines] = text.trim().split("\n");
  return new Map(
    lines.map((line) => {
      const [, row = "", signs = ""] = /^\s*(.+?)\s+((?:[-+]\s*)+)$/.exec(line) ?? [];
      const given = signs.trim().split(/\s+/);
      if (given.length !== columns.length) throw new Error(`Not a line of ${columns.length} signs: ${line}`);
      return [row, Object.fromEntries(columns.map((column, index) => [column, given[index]])) as Found];
    }),
  );
}
