import { type Database, prepare } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { eq, inArray, placeholder } from "drizzle-orm";
import { QueryBuilder } from "drizzle-orm/sqlite-core";
import { type SigningKeyRow, signingKeys } from "./table.ts";

/** The key that signs and the one that will. */
export interface KeyPair {
  readonly active: SigningKeyRow;
  readonly next: SigningKeyRow;
}

const keyOfKid = prepare(
  new QueryBuilder()
    .select()
    .from(signingKeys)
    .where(eq(signingKeys.kid, placeholder("kid"))),
);

const keysThatSign = prepare(
  new QueryBuilder()
    .select()
    .from(signingKeys)
    .where(inArray(signingKeys.status, ["active", "next"]))
    .orderBy(signingKeys.status),
);

/** One key. @throws StoaError `not_found` */
export async function readKey(db: Database, kid: string): Promise<SigningKeyRow> {
  const [row] = await db.query(keyOfKid({ kid }));
  if (!row) throw new StoaError("not_found");
  return row;
}

/** The active key and the next one, as far as they exist. */
export function readKeysThatSign(db: Database): Promise<SigningKeyRow[]> {
  return db.query(keysThatSign({}));
}

/** The key that signs; undefined before the first start. */
export async function readActiveKey(db: Database): Promise<SigningKeyRow | undefined> {
  return (await readKeysThatSign(db)).find(({ status }) => status === "active");
}

/** @throws Error when one is missing: the first start makes both, and every command leaves both */
export async function readPair(db: Database): Promise<KeyPair> {
  const rows = await readKeysThatSign(db);
  const active = rows.find(({ status }) => status === "active");
  const next = rows.find(({ status }) => status === "next");
  if (!active || !next) throw new Error("There is no active or no next signing key.");
  return { active, next };
}
