import { expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import type { CorporateDirectory } from "../external/corporate-directory.ts";
import type { Enrolment } from "../mfa/schema.ts";
import type { Organization } from "../organizations/schema.ts";
import type { Tokens } from "../sessions/schema.ts";
import { password, type TestIdentity, testIdentity } from "./harness.ts";
import { mailedToken } from "./mails.ts";
import { codeOf, enrolled } from "./mfa.ts";

/**
 * What a user was given before their power changed, and what has become of it: `+` it is still good, `-` it is worth
 * nothing any more.
 *
 * - `this`: the session of the request that makes the change, if the user makes it themselves
 * - `session`, `refresh`: the access token and the refresh token of another session
 * - `sent`: their open invitation of somebody else as owner
 * - `got`: the open invitation of themselves to another organization
 * - `ticket`, `reset`: the mailed token for a new e-mail that waits, and that for a new password
 * - `undo`: the token that was mailed to the present address, and undoes the change of it
 * - `key`: the `Idempotency-Key` of the invitation that they sent
 */
const columns = ["this", "session", "refresh", "sent", "got", "ticket", "reset", "undo", "key"] as const;
type Column = (typeof columns)[number];

const expected = tableOf(`
                             this session refresh sent got ticket reset undo key
  factor on                  +    -       -       +    +   -      -     +    +
  factor off                 +    +       +       +    +   +      +     +    +
  factor off by superuser    +    +       +       +    +   +      +     +    +
  password                   +    -       -       +    +   -      -     +    +
  reset                      -    -       -       +    +   -      -     +    -
  reset, verified before     -    -       -       +    +   -      -     +    -
  log out everywhere         -    -       -       +    +   +      +     +    -
  roles                      +    +       +       +    +   +      +     +    +
  made superuser             +    +       +       +    +   +      +     +    +
  owner to admin             +    +       +       -    +   +      +     +    +
  owner to member            +    +       +       -    +   +      +     +    -
  removed                    +    +       +       -    +   +      +     +    -
  leaves                     +    +       +       -    +   +      +     +    -
  superuser no more          +    +       +       -    +   +      +     +    -
  added elsewhere            +    +       +       +    -   +      +     +    +
  removed elsewhere          +    +       +       +    -   +      +     +    +
  disable                    -    -       -       -    +   -      -     -    -
  disable in bulk            -    -       -       -    +   -      -     -    -
  enabled again              -    -       -       -    +   +      +     +    -
  erases themselves          -    -       -       -    +   -      -     -    -
  erased                     -    -       -       -    +   -      -     -    -
  corporate link             -    -       -       +    +   -      -     +    -
  address                    +    -       -       +    +   -      -     +    +
  address undone             -    -       -       +    +   -      -     -    -
  address by superuser       -    -       -       +    +   -      -     -    -
`);

/** The directory knows Bea by her address here. */
const directory: CorporateDirectory = {
  origin: "https://directory.example",
  authenticate: async ({ username }) => ({ guid: "g-1", ace_user_id: 7, username, verified_email: "bea@example.com" }),
};

type Scene = Awaited<ReturnType<typeof stage>>;

/** How each row changes Bea's power. */
const changes: Readonly<Record<string, (scene: Scene) => Promise<{ status: number }>>> = {
  "factor on": async ({ identity, bea }) => {
    const { body } = await identity.call<Enrolment>("POST", "/auth/mfa/totp", { token: bea.token });
    const code = codeOf(identity, body.secret);
    return identity.call("POST", "/auth/mfa/totp/confirm", { token: bea.token, body: { code } });
  },
  "factor off": ({ identity, bea }) => identity.call("DELETE", "/auth/mfa/totp", { token: bea.token }),
  "factor off by superuser": ({ asRoot, bea }) => asRoot("DELETE", `/auth/users/${bea.id}/mfa`),
  password: ({ identity, bea }) =>
    identity.call("PUT", "/auth/me/password", {
      token: bea.token,
      body: { current_password: password, new_password: "nine swans under the bridge" },
    }),
  reset: ({ identity, reset }) => resetBy(identity, reset),
  "reset, verified before": async ({ identity, bea, reset }) => {
    await identity.db.write([sql`update users set email_verified = 1 where id = ${bea.id}`]);
    return resetBy(identity, reset);
  },
  "log out everywhere": ({ identity, bea }) => identity.call("POST", "/auth/logout-all", { token: bea.token }),
  roles: async (scene) => {
    await scene.asRoot("POST", "/auth/roles", { name: "auditor" });
    return scene.asRoot("PUT", `/auth/users/${scene.bea.id}/roles`, { roles: ["auditor"] });
  },
  "made superuser": (scene) => superuser(scene, true),
  "owner to admin": ({ asAda, member }) => asAda("PATCH", member, { role: "admin" }),
  "owner to member": ({ asAda, member }) => asAda("PATCH", member, { role: "member" }),
  removed: ({ asAda, member }) => asAda("DELETE", member),
  leaves: ({ identity, bea, member }) => identity.call("DELETE", member, { token: bea.token }),
  "superuser no more": (scene) => superuser(scene, false),
  "added elsewhere": ({ asAda, elsewhere, bea }) =>
    asAda("POST", `${elsewhere}/members`, { user_id: bea.id, role: "member" }),
  "removed elsewhere": async ({ asAda, elsewhere, bea }) => {
    await asAda("POST", `${elsewhere}/members`, { user_id: bea.id, role: "member" });
    return asAda("DELETE", `${elsewhere}/members/${bea.id}`);
  },
  disable: ({ asRoot, bea }) => asRoot("PUT", `/auth/users/${bea.id}/disable`),
  "disable in bulk": ({ asRoot, bea }) => asRoot("POST", "/auth/users/bulk", { ids: [bea.id], action: "disable" }),
  "enabled again": async ({ asRoot, bea }) => {
    await asRoot("PUT", `/auth/users/${bea.id}/disable`);
    return asRoot("PUT", `/auth/users/${bea.id}/enable`);
  },
  "erases themselves": ({ identity, bea }) =>
    identity.call("DELETE", "/auth/me", { token: bea.token, body: { password } }),
  erased: ({ asRoot, bea }) => asRoot("DELETE", `/auth/users/${bea.id}`),
  "corporate link": async ({ identity, bea }) => {
    await identity.db.write([sql`update users set email_verified = 1 where id = ${bea.id}`]);
    const body = { account_id: "acme", username: "bea", password: "x" };
    return identity.call("POST", "/auth/login/external", { body });
  },
  address: ({ identity, ticket }) => identity.call("POST", "/auth/email/verify", { body: { token: ticket } }),
  "address undone": async ({ identity, ticket, undo }) => {
    await identity.call("POST", "/auth/email/verify", { body: { token: ticket } });
    return undoBy(identity, undo);
  },
  "address by superuser": ({ asRoot, bea }) =>
    asRoot("PATCH", `/auth/users/${bea.id}`, { email: "third@example.com", email_verified: true }),
};

test("every row says how it happens, and every change has its row", () => {
  expect(Object.keys(changes)).toEqual([...expected.keys()]);
});

test.each([...expected.keys()])("%s", async (row) => {
  const all = await after(row, found);
  // Either mailed token makes the other worthless, so each is tried in a stage of its own.
  const reset = await after(row, (scene) => good(resetBy(scene.identity, scene.reset)));
  const undo = await after(row, (scene) => good(undoBy(scene.identity, scene.undo)));
  expect({ ...all, reset, undo }).toEqual(expected.get(row) as Record<Column, string>);
});

/** What is found once a change has been made. */
async function after<T>(row: string, find: (scene: Scene) => Promise<T>): Promise<T> {
  await using identity = await testIdentity({ directory });
  const scene = await stage(identity, row);
  const { status } = (await changes[row]?.(scene)) ?? { status: 0 };
  expect(status).toBeWithin(200, 300);
  return await find(scene);
}

const good = async (answer: Promise<{ status: number }>) => ((await answer).status < 300 ? "+" : "-");

/** Bea owns Engines with Ada, has invited Cyd to it as owner, and is invited to Looms; and has two sessions. */
async function stage(identity: TestIdentity, row: string) {
  const ada = await identity.person("ada");
  const root = await identity.superuser();
  const asAda = (method: string, path: string, body?: unknown) =>
    identity.call<Organization>(method, path, { token: ada.token, body });
  const asRoot = (method: string, path: string, body?: unknown) => identity.call(method, path, { token: root, body });
  const { body: engines } = await asAda("POST", "/organizations", { name: "Engines" });
  const { body: looms } = await asAda("POST", "/organizations", { name: "Looms" });
  const bea = row.startsWith("factor off") ? await protectedBea(identity) : await plainBea(identity);
  const member = `/organizations/${engines.id}/members/${bea.id}`;
  if (row === "superuser no more") {
    await asRoot("PUT", `/auth/users/${bea.id}/superuser`, { is_superuser: true });
  } else {
    await asAda("POST", `/organizations/${engines.id}/members`, { user_id: bea.id, role: "owner" });
  }
  const sending = {
    token: bea.token,
    body: { email: "cyd@example.com", role: "owner" },
    headers: { "idempotency-key": newId() },
  };
  const send = () => identity.call("POST", `/organizations/${engines.id}/invitations`, sending);
  expect((await send()).status).toBe(201);
  const got = await asAda("POST", `/organizations/${looms.id}/invitations`, {
    email: "bea@example.com",
    role: "admin",
  });
  await identity.call("POST", "/auth/password/forgot", { body: { email: "bea@example.com" } });
  await identity.call("PATCH", "/auth/me", { token: bea.token, body: { email: "bea@example.org" } });
  return {
    identity,
    asAda,
    asRoot,
    bea,
    member,
    elsewhere: `/organizations/${looms.id}`,
    send,
    sent: await mailedToken(identity.db, "cyd@example.com", "invitation"),
    got: got.body.id,
    reset: await mailedToken(identity.db, "bea@example.com", "password_reset"),
    ticket: await mailedToken(identity.db, "bea@example.org", "email_change"),
    undo: await mailedToken(identity.db, "bea@example.com", "email_change_requested"),
  };
}

async function plainBea(identity: TestIdentity) {
  const { user, token } = await identity.person("bea");
  return { id: user.id, token, other: await identity.login("bea") };
}

/** Bea with an authenticator app; her other session has proven it too. */
async function protectedBea(identity: TestIdentity) {
  const { id, token, secret } = await enrolled(identity, "bea");
  const asked = await identity.call<{ mfa_token: string }>("POST", "/auth/login", {
    body: { username: "bea", password },
  });
  const { body: other } = await identity.call<Tokens>("POST", "/auth/mfa/verify", {
    body: { mfa_token: asked.body.mfa_token, code: codeOf(identity, secret) },
  });
  return { id, token, other };
}

const superuser = ({ asRoot, bea }: Scene, is_superuser: boolean) =>
  asRoot("PUT", `/auth/users/${bea.id}/superuser`, { is_superuser });

const resetBy = (identity: TestIdentity, token: string) =>
  identity.call("POST", "/auth/password/reset", { body: { token, new_password: "four otters in the canal" } });

const undoBy = (identity: TestIdentity, token: string) =>
  identity.call("POST", "/auth/email/undo", { body: { token } });

/** Tries everything that Bea was given, but for the tokens for a new password and for the earlier address. What changes her power itself comes last. */
async function found({ identity, bea, send, sent, got, ticket }: Scene) {
  const me = (token: string) => good(identity.call("GET", "/auth/me", { token }));
  const cy = await identity.person("cyd");
  const accept = { token: cy.token, body: { token: sent } };
  const [invitation] = await identity.db.query(sql`select status from invitations where id = ${got}`);
  return {
    this: await me(bea.token),
    session: await me(bea.other.access_token),
    refresh: await good(identity.call("POST", "/auth/refresh", { body: { refresh_token: bea.other.refresh_token } })),
    key: await good(send()),
    sent: await good(identity.call("POST", "/invitations/accept", accept)),
    got: invitation?.["status"] === "pending" ? "+" : "-",
    ticket: await good(identity.call("POST", "/auth/email/verify", { body: { token: ticket } })),
  };
}

function tableOf(text: string): ReadonlyMap<string, Record<Column, string>> {
  const [, ...lines] = text.trim().split("\n");
  return new Map(
    lines.map((line) => {
      const [, row = "", signs = ""] = /^\s*(.+?)\s{2,}([-+\s]+)$/.exec(line) ?? [];
      const given = signs.trim().split(/\s+/);
      if (given.length !== columns.length) throw new Error(`Not a line of ${columns.length} signs: ${line}`);
      return [
        row,
        Object.fromEntries(columns.map((column, index) => [column, given[index]])) as Record<Column, string>,
      ];
    }),
  );
}
