import type { Actor } from "@stoa/auth";
import { type Row, type Sql, select, sql } from "@stoa/db";
import { entryColumns, shapeEntry } from "../audit/entry.ts";
import type { StoreDeps } from "../deps.ts";
import { readStoredUser, shapeUser } from "../users/read.ts";
import { ownEntries } from "./audit.ts";

/** Audit entries read at a time, so that no export is held in memory. */
const AT_ONCE = 500;

/**
 * All that identity holds on a user, as pieces of one JSON document. Secrets are left out: it says that there is a
 * password, a token or a second factor, and no more.
 *
 * @throws StoaError `not_found`
 */
export async function exportUser(
  { db, now }: StoreDeps,
  { user_id }: Pick<Actor, "user_id">,
): Promise<AsyncGenerator<string>> {
  const stored = await readStoredUser(db, user_id);
  const named = sectionsOf(user_id, stored.email_key);
  const rows = await db.queryAll(named.map(([, statement]) => statement));
  const user = { ...shapeUser(stored), password_changed_at: stored.password_changed_at };
  const head = { exported_at: now().toISOString(), user, ...assembled(named, rows) };
  return pieces();

  async function* pieces() {
    yield `${JSON.stringify(head).slice(0, -1)},"audit":[`;
    let before = { occurred_at: "~", id: "~" };
    for (let first = true; ; first = false) {
      const page = await db.scan(
        select(
          entryColumns,
          sql`from (${ownEntries(user_id)}) where (occurred_at, id) < (${before.occurred_at}, ${before.id})
            order by occurred_at desc, id desc limit ${AT_ONCE}`,
        ),
      );
      const last = page.at(-1);
      if (!last) break;
      before = last;
      yield `${first ? "" : ","}${page.map((row) => JSON.stringify(shapeEntry(row))).join(",")}`;
    }
    yield "]}";
  }
}

type Section = readonly [name: string, statement: Sql];

function sectionsOf(user_id: string, email_key: string | null): readonly Section[] {
  return [
    [
      "sessions",
      sql`select id, method, device_info, ip_address, created_at, last_seen_at, expires_at, ended_at, end_reason
        from sessions where user_id = ${user_id} order by id`,
    ],
    [
      "organizations",
      sql`select o.id, o.name, m.role, m.joined_at from organization_members m
        join organizations o on o.id = m.organization_id where m.user_id = ${user_id} order by m.joined_at`,
    ],
    [
      "invitations",
      sql`select i.id, o.name as organization, i.email, i.role, i.status, i.created_at, i.expires_at from invitations i
        join organizations o on o.id = i.organization_id where i.email_key = ${email_key} order by i.id`,
    ],
    [
      "external_identities",
      sql`select origin, guid, account_id, username, created_at from external_identities where user_id = ${user_id}`,
    ],
    [
      "second_factors",
      sql`select 'totp' as kind, created_at, confirmed_at from totp_factors where user_id = ${user_id}
        union all select 'recovery_code', created_at, created_at from recovery_codes where user_id = ${user_id}`,
    ],
    [
      "former_usernames",
      sql`select username, free_at from former_usernames where user_id = ${user_id} order by free_at`,
    ],
    ["known_devices", sql`select last_login_at from known_devices where user_id = ${user_id}`],
    [
      "mails",
      sql`select id, kind, recipient, status, created_at, ended_at from mails where user_id = ${user_id} order by id`,
    ],
    [
      "mailed_tokens",
      sql`select purpose, email, created_at, expires_at, used_at from tickets where user_id = ${user_id} order by id`,
    ],
  ];
}

function assembled(sections: readonly Section[], rows: readonly Row[][]): Record<string, readonly Row[]> {
  return Object.fromEntries(sections.map(([name], index) => [name, rows[index] ?? []]));
}

/** The answer that streams an export, no faster than the client reads it. */
export function download(pieces: AsyncGenerator<string>): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(stream) {
      const { done, value } = await pieces.next();
      if (done) stream.close();
      else stream.enqueue(encoder.encode(value));
    },
    cancel: async () => {
      await pieces.return(undefined);
    },
  });
  return new Response(body, {
    headers: {
      "content-type": "application/json",
      "content-disposition": 'attachment; filename="stoa-identity.json"',
    },
  });
}
