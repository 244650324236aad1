import { StoaError } from "@stoa/errors";
import { normalize } from "@stoa/http/normalize";
import { parseJson, refuseDuplicates } from "@stoa/http/strict-json";
import { validatorOf } from "@stoa/http/validator";
import { emailKey } from "@stoa/mail/address-key";
import { refusalOf } from "../passwords/stored-hash.ts";
import { requireRolesFit } from "../roles/known.ts";
import { normalUsername, usernamesFor } from "../users/names.ts";
import { refuseReserved } from "../users/reserved.ts";
import { ImportedUser, type LineError } from "./schema.ts";

/** A valid line. */
export interface ReadLine {
  readonly line: number;
  /** Null: the user has none, and is known by the one username. */
  readonly email: string | null;
  readonly email_key: string | null;
  /** The username that the line gives, or else candidates made from the e-mail. */
  readonly usernames: readonly string[];
  readonly full_name: string | null;
  readonly password_hash: string | null;
  /** Sorted, none twice. */
  readonly roles: readonly string[];
  readonly is_active: boolean;
  readonly email_verified: boolean;
  /** Null: now. */
  readonly created_at: string | null;
}

const validator = validatorOf(ImportedUser, {});

/**
 * Validates a line as the body of a request is validated: strict JSON, known fields, nothing out of bounds.
 *
 * @throws StoaError `malformed_json`, `validation_failed`, `unsupported_hash`.
 */
export function readLine(line: number, text: string): ReadLine {
  const { value, members } = parseJson(text);
  const normalized = normalize(value, validator.schema);
  if (normalized.members !== members) refuseDuplicates();
  const errors = [...normalized.errors, ...validator.validate(normalized.value)];
  if (errors.length > 0) throw new StoaError("validation_failed", { errors });
  const { email, username, full_name = null, password_hash = null, roles = [] } = normalized.value as ImportedUser;
  const { is_active = true, email_verified = false, created_at = null } = normalized.value as ImportedUser;
  requireRolesFit(roles);
  const named = username === undefined ? undefined : normalUsername(username);
  refuseReserved(named, "trusted");
  if (email === null) requireUsername(named, email_verified);
  const refusal = password_hash === null ? undefined : refusalOf(password_hash);
  if (refusal !== undefined) {
    throw new StoaError("unsupported_hash", {
      detail: refusal,
      errors: [{ path: "/password_hash", message: refusal }],
    });
  }
  return {
    line,
    email,
    email_key: email === null ? null : emailKey(email),
    usernames: named === undefined ? [...usernamesFor(email ?? "", "trusted")] : [named],
    full_name,
    password_hash,
    roles: [...new Set(roles)].sort(),
    is_active,
    email_verified,
    created_at,
  };
}

/** Somebody without an address is known by the username, and has no address to be verified. */
function requireUsername(username: string | undefined, email_verified: boolean): void {
  const errors = [
    ...(username === undefined ? [{ path: "/username", message: "It is required where the address is null." }] : []),
    ...(email_verified ? [{ path: "/email_verified", message: "There is no address that could be verified." }] : []),
  ];
  if (errors.length > 0) throw new StoaError("validation_failed", { errors });
}

/** An error as the answer to a line. */
export function lineError({ code, message, errors }: StoaError): LineError {
  return { error_code: code, detail: message, ...(errors && { errors }) };
}
