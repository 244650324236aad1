import {
  all,
  among,
  computed,
  type Database,
  DatabaseError,
  insertRow,
  newId,
  nullable,
  type Sql,
  select,
  sql,
} from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { append, retrying } from "@stoa/journal";
import type { StoreDeps } from "../deps.ts";
import { giveRoles, rolesExist } from "../roles/known.ts";
import { roles } from "../roles/table.ts";
import { tickets } from "../tickets/table.ts";
import { nameColumns } from "../users/name-key.ts";
import { emailFree, usernameFree } from "../users/names.ts";
import { formerUsernames, users } from "../users/table.ts";
import { lineError, type ReadLine } from "./read-line.ts";
import type { LineOutcome } from "./schema.ts";

/**
 * Imports some users, one read and one write for all of them: each line is whole or absent by itself, with its event.
 * Lines that an earlier import added are left as they are, so that an import that broke off can be begun again. Lines about which
 * something changed between the read and the write are decided anew.
 *
 * @param lines at most some hundred
 * @returns an outcome for each, in order
 */
export async function importBatch(deps: StoreDeps, cause: Cause, lines: readonly ReadLine[]): Promise<LineOutcome[]> {
  const outcomes = new Map<ReadLine, LineOutcome>();
  return retrying(deps.db, "import", async () => {
    const open = lines.filter((line) => !outcomes.has(line));
    for (const [line, outcome] of await importLines(deps, cause, open)) outcomes.set(line, outcome);
    return outcomes.size === lines.length ? lines.flatMap((line) => outcomes.get(line) ?? []) : undefined;
  });
}

/** What would become of the lines now, one read for all of them. Those that would be created have no id yet. */
export async function foretellBatch(deps: StoreDeps, lines: readonly ReadLine[]): Promise<LineOutcome[]> {
  const known = await lookUp(deps, lines);
  const ids = new Set<string | null>();
  return lines.map((line) => {
    const decided = decide(line, known);
    if ("outcome" in decided) return ids.has(decided.id) ? { ...decided, id: null } : decided;
    ids.add(decided.id);
    return { line: line.line, outcome: "created", id: null };
  });
}

/** The outcomes of those lines about which nothing changed between the read and the write. */
async function importLines(deps: StoreDeps, cause: Cause, lines: readonly ReadLine[]) {
  const known = await lookUp(deps, lines);
  const outcomes = new Map<ReadLine, LineOutcome>();
  const created: { line: ReadLine; id: string; at: number }[] = [];
  const batch: Sql[] = [];
  for (const line of lines) {
    const decided = decide(line, known);
    if ("outcome" in decided) {
      outcomes.set(line, decided);
      continue;
    }
    created.push({ line, id: decided.id, at: batch.length });
    batch.push(...creation(deps, cause, line, decided));
  }
  if (batch.length === 0) return outcomes;
  const results = await written(deps.db, batch);
  const lost = new Set<string | null>();
  for (const { line, id, at } of created) {
    if (results?.[at]?.changes === 1) outcomes.set(line, { line: line.line, outcome: "created", id });
    else lost.add(id);
  }
  // Whoever is somebody that another line was to add is decided anew with that line.
  for (const [line, { id }] of outcomes) if (lost.has(id)) outcomes.delete(line);
  return outcomes;
}

/** Undefined when the outcome is unknown: the next try reads what was written. */
async function written(db: Database, batch: readonly Sql[]) {
  try {
    return await db.write(batch);
  } catch (error) {
    if (error instanceof DatabaseError && error.failure === "unknown_outcome") return undefined;
    throw error;
  }
}

interface Person {
  readonly id: string;
  readonly imported: boolean;
}

interface Known {
  /** By e-mail key: the user, and whether an import added them. */
  readonly users: Map<string, Person>;
  /** The keys of addresses that somebody may take back. */
  readonly held: ReadonlySet<string>;
  /** By username; null: it was given up of late. */
  readonly usernames: Map<string, Person | null>;
  readonly roles: Set<string>;
}

async function lookUp({ db, now }: StoreDeps, lines: readonly ReadLine[]): Promise<Known> {
  const wanted = among(lines.flatMap(({ usernames }) => usernames));
  const imported = computed<number>(sql`exists (select 1 from journal where aggregate_id = users.id
    and type = 'user.registered' and iif(json_valid(data), data ->> '$.source' = 'import', 0))`);
  const columns = { id: users.id, username: users.username, email_key: users.email_key, imported };
  const keys = among(lines.flatMap(({ email_key }) => email_key ?? []));
  const time = now().toISOString();
  const [found, held, taken, given_up, existing] = await db.queryAll([
    select(columns, sql`from ${users} where email_key in ${keys}`),
    select(
      { email_key: nullable(tickets.email_key) },
      sql`from ${tickets} where email_key in ${keys} and used_at is null and expires_at > ${time}`,
    ),
    select(columns, sql`from ${users} where username in ${wanted}`),
    select(
      { username: formerUsernames.username },
      sql`from ${formerUsernames} where username in ${wanted} and free_at > ${time}`,
    ),
    select(
      { name: roles.name },
      sql`from ${roles} where name in ${among([...new Set(lines.flatMap((line) => line.roles))])}`,
    ),
  ]);
  const person = ({ id, imported }: { id: string; imported: number }): Person => ({ id, imported: imported === 1 });
  return {
    users: new Map(found.map((row) => [row.email_key ?? "", person(row)])),
    held: new Set(held.map((row) => row.email_key ?? "")),
    usernames: new Map([
      ...given_up.map(({ username }) => [username, null] as const),
      ...taken.map((row) => [row.username, person(row)] as const),
    ]),
    roles: new Set(existing.map(({ name }) => name)),
  };
}

/** What becomes of a line. It adds what it takes to what is known, for the lines after it. */
function decide(line: ReadLine, known: Known): LineOutcome | { readonly id: string; readonly username: string } {
  const { email_key } = line;
  const there = email_key === null ? known.usernames.get(line.usernames[0] ?? "") : known.users.get(email_key);
  if (there) {
    if (there.imported) return { line: line.line, outcome: "unchanged", id: there.id };
    return refused(line, new StoaError(email_key === null ? "username_taken" : "email_taken"));
  }
  if (email_key !== null && known.held.has(email_key)) return refused(line, new StoaError("email_taken"));
  const missing = line.roles.find((name) => !known.roles.has(name));
  if (missing !== undefined) {
    const message = `There is no role ${JSON.stringify(missing)}; make it first.`;
    return refused(line, new StoaError("unknown_role", { detail: message, errors: [{ path: "/roles", message }] }));
  }
  const username = line.usernames.find((name) => !known.usernames.has(name));
  if (username === undefined) return refused(line, new StoaError("username_taken"));
  const id = newId();
  const person = { id, imported: true };
  if (email_key !== null) known.users.set(email_key, person);
  known.usernames.set(username, person);
  return { id, username };
}

function refused({ line }: ReadLine, error: StoaError): LineOutcome {
  return { line, outcome: "refused", id: null, error: lineError(error) };
}

function creation(
  { now }: StoreDeps,
  cause: Cause,
  { email, email_key, full_name, password_hash, roles: names, is_active, email_verified, ...line }: ReadLine,
  { id, username }: { readonly id: string; readonly username: string },
): Sql[] {
  const at = now();
  const time = at.toISOString();
  const parts = [...(email === null ? [] : [emailFree(email, at)]), usernameFree(username, at), ...rolesExist(names)];
  const event = append(
    cause,
    {
      type: "user.registered",
      aggregate_id: id,
      time,
      data: { user_id: id, username, full_name, is_superuser: false, roles: [...names], source: "import" },
    },
    all(parts.flatMap(({ guard }) => guard ?? [])),
  );
  const about = { aggregate_id: id, time };
  const disabled = { ...about, type: "user.disabled" as const, data: { user_id: id, session_ids: [] } };
  const verified = (address: string) =>
    append(cause, { ...about, type: "user.email_verified", data: { user_id: id, email: address } }, event.happened)
      .statement;
  const row = {
    ...{ id, username, email, email_key, ...nameColumns(full_name), password_hash, is_active, email_verified },
    created_at: line.created_at !== null && line.created_at < time ? line.created_at : time,
    updated_at: time,
  };
  return [
    event.statement,
    insertRow(users, row, event.happened),
    ...(is_active ? [] : [append(cause, disabled, event.happened).statement]),
    ...(email_verified && email !== null ? [verified(email)] : []),
    ...(names.length > 0 ? [giveRoles(id, names, event.happened)] : []),
  ];
}
