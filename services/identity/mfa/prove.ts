import { type Select, type Sql, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { SecondFactor } from "@stoa/events";
import type { Part } from "@stoa/journal";
import { getTableColumns } from "drizzle-orm";
import type { Deps } from "../deps.ts";
import { recoveryCodeUsedMail } from "./notices.ts";
import { recoveryCodeHash } from "./recovery-codes.ts";
import type { SecondStep } from "./schema.ts";
import { type TotpFactorRow, totpFactors } from "./table.ts";

/** A code of the app, or one that was written down. */
export type GivenCode = Pick<SecondStep, "code" | "recovery_code">;

/** A code that is right, unless it was used before. */
export interface SecondProof {
  readonly factor: SecondFactor;
  /** The part of a command that the code was not used before, and is used up by it. */
  readonly unused: Part;
}

/** Selects a user's factor, if it is confirmed. */
export function selectFactor(user: Sql): Select<TotpFactorRow> {
  const confirmed = sql`from ${totpFactors} where user_id = ${user} and confirmed_at is not null`;
  return select(getTableColumns(totpFactors), confirmed);
}

/** @returns undefined when the code is wrong */
export async function secondProof(
  deps: Pick<Deps, "now" | "secretBox">,
  factor: TotpFactorRow,
  { code, recovery_code }: GivenCode,
): Promise<SecondProof | undefined> {
  if (code !== undefined) return totpProof(deps, factor, code);
  return recovery_code === undefined ? undefined : recoveryProof(deps, factor.user_id, recovery_code);
}

/** A code works once. No code of an earlier step works after it either, so that one that someone saw is of no use. */
async function totpProof(
  { now, secretBox }: Pick<Deps, "now" | "secretBox">,
  { user_id, secret: sealed, created_at }: TotpFactorRow,
  code: string,
): Promise<SecondProof | undefined> {
  const { text, stale } = await secretBox.open(user_id, sealed);
  const { stepOf } = await import("./totp.ts");
  const step = stepOf(text, code, now());
  if (step === undefined) return undefined;
  // A secret that the previous SECRET_KEY sealed is sealed with the present one.
  const secret = stale ? await secretBox.seal(user_id, text) : sealed;
  return {
    factor: "totp",
    unused: {
      guard: sql`exists (select 1 from totp_factors
        where user_id = ${user_id} and created_at = ${created_at} and confirmed_at is not null and last_step < ${step})`,
      effects: (happened) => [
        sql`update totp_factors set last_step = ${step}, secret = iif(secret = ${sealed}, ${secret}, secret)
          where user_id = ${user_id} and ${happened}`,
      ],
    },
  };
}

function recoveryProof({ now }: Pick<Deps, "now">, user_id: string, code: string): SecondProof {
  const kept = sql`user_id = ${user_id} and code_hash = ${recoveryCodeHash(code)}`;
  return {
    factor: "recovery_code",
    unused: {
      guard: sql`exists (select 1 from recovery_codes where ${kept})`,
      effects: (happened) => [
        sql`delete from recovery_codes where ${kept} and ${happened}`,
        recoveryCodeUsedMail(user_id, now().toISOString(), happened),
      ],
    },
  };
}

/**
 * Checks that a body has exactly one of the proofs that it may carry.
 *
 * @throws StoaError `validation_failed` when there is none, or more than one
 */
export function requireOne(body: Readonly<Record<string, unknown>>, names: readonly string[]): void {
  if (names.filter((name) => body[name] !== undefined).length === 1) return;
  const message = `Send either ${names.join(" or ")}.`;
  throw new StoaError("validation_failed", { errors: [{ path: `/${names[0] ?? ""}`, message }] });
}
