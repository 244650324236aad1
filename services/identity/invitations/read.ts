import type { Actor } from "@stoa/auth";
import { type Database, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Page, type PageQuery, pagePlan } from "@stoa/http";
import { managers, requireRole } from "../access.ts";
import type { Deps } from "../deps.ts";
import { readOrganization } from "../organizations/read.ts";
import type { Invitation } from "./schema.ts";

/** Invitations with what has become of them by now. @param rest `where …` and on */
export function selectInvitations(now: Date, rest: Sql): Sql {
  return sql`select id, email, role, ${statusAt(now)} as status, invited_by, expires_at, created_at
    from invitations ${rest}`;
}

function statusAt(now: Date): Sql {
  return sql`case when status = 'pending' and expires_at <= ${now.toISOString()} then 'expired' else status end`;
}

/** An invitation that can be accepted: a condition. */
export function isOpen(now: Date): Sql {
  return sql`status = 'pending' and expires_at > ${now.toISOString()}`;
}

/** One invitation. @throws StoaError `not_found`, `forbidden` unless the asker manages the organization */
export async function readInvitation(
  { db, now }: Pick<Deps, "db" | "now">,
  actor: Actor,
  organization_id: string,
  id: string,
): Promise<Invitation> {
  await requireManager(db, actor, organization_id);
  const one = sql`where organization_id = ${organization_id} and id = ${id}`;
  const [invitation] = await db.query<Invitation>(selectInvitations(now(), one));
  if (!invitation) throw new StoaError("not_found", { detail: "There is no such invitation." });
  return invitation;
}

/** Newest first. @throws StoaError `not_found`, `forbidden` unless the asker manages the organization */
export async function listInvitations(
  { db, now, cursor_key }: Pick<Deps, "db" | "now" | "cursor_key">,
  actor: Actor,
  organization_id: string,
  { status, ...page }: PageQuery & { readonly status?: Invitation["status"] | undefined },
): Promise<Page<Invitation>> {
  await requireManager(db, actor, organization_id);
  const plan = pagePlan(cursor_key, page, {
    name: "invitations",
    filters: { organization_id, status },
    order: [{ column: "id", direction: "desc" }],
  });
  const time = now();
  const fits = sql`organization_id = ${organization_id}
    and ${status === undefined ? sql`1` : sql`${statusAt(time)} = ${status}`}`;
  const [rows = [], [total] = []] = await db.queryAll([
    selectInvitations(time, sql`where ${fits} and ${plan.where} order by ${plan.order} limit ${plan.limit}`),
    ...(plan.count ? [sql`select count(*) as total from invitations where ${fits}`] : []),
  ]);
  return plan.finish(rows as Invitation[], total?.["total"] as number | undefined);
}

async function requireManager(db: Database, actor: Actor, organization_id: string): Promise<void> {
  requireRole((await readOrganization(db, actor, organization_id)).role, managers);
}
