import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { catalogue, type ErrorCode, StoaError } from "@stoa/errors";
import { Nullable } from "@stoa/http";
import { boundedText, jsonIn } from "@stoa/http/bounded-text";
import type { Asker, Identity, Newcomer, Welcome } from "./newcomer.ts";

/** Where identity is, and how it is reached. */
export interface IdentityOptions {
  /** `IDENTITY_URL`. */
  readonly url: string;
  /** Sends a request that came from a client's address; over HTTP unless given, as in a process with identity in it. */
  readonly send?: (request: Request, address: string | null) => Response | Promise<Response>;
  /** Milliseconds for the whole answer; 30,000 unless given. */
  readonly timeout_ms?: number;
}

/** Bytes of an answer about a thousand people, at most. */
const MOST_BYTES = 4 * 1024 * 1024;

/** A line of the answer of POST /auth/users/import. */
const Line = Type.Object({
  line: Type.Integer(),
  outcome: Type.String(),
  id: Nullable(Type.String()),
  error: Type.Optional(
    Type.Object({
      error_code: Type.String(),
      detail: Type.String(),
      errors: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
    }),
  ),
});

/**
 * Identity's import of users, called with the token of whoever asks: identity judges their rights, and its journal alone
 * gets names and addresses. Redirects are not followed: the token goes where it was configured to go.
 */
export function identityOver({
  url,
  send = (request) => fetch(request),
  timeout_ms = 30_000,
}: IdentityOptions): Identity {
  return {
    async addPeople(asker, people, dry_run) {
      const request = new Request(`${url}/api/v1/auth/users/import?dry_run=${dry_run}`, {
        method: "POST",
        headers: headersOf(asker),
        body: people.map((person) => `${JSON.stringify(lineOf(person))}\n`).join(""),
        redirect: "manual",
        signal: AbortSignal.timeout(timeout_ms),
      });
      const text = await answerTo(request, asker, send);
      const lines = text.split("\n").flatMap((line) => (line === "" ? [] : [welcomeIn(jsonIn(line))]));
      if (lines.length !== people.length) throw away(new Error("Identity did not answer each line."));
      return lines;
    },
  };
}

const lineOf = ({ username, email, full_name }: Newcomer) => ({
  email: email ?? null,
  ...(username !== undefined && { username }),
  ...(full_name !== undefined && { full_name }),
});

/** Identity's journal says who asked, from where and in which request, as far as it trusts this service. */
function headersOf({ authorization, cause }: Asker): Record<string, string> {
  const { request_id, traceparent, ip_address, device_info } = cause;
  return {
    authorization,
    "content-type": "application/x-ndjson",
    ...(request_id !== null && { "x-request-id": request_id }),
    ...(traceparent !== null && { traceparent }),
    ...(ip_address !== null && { "x-forwarded-for": ip_address }),
    ...(device_info !== null && { "user-agent": device_info }),
  };
}

async function answerTo(
  request: Request,
  { cause }: Asker,
  send: NonNullable<IdentityOptions["send"]>,
): Promise<string> {
  try {
    const response = await send(request, cause.ip_address);
    if (response.status === 200) return await boundedText(response, MOST_BYTES);
    await response.body?.cancel();
    throw refusalOf(response);
  } catch (error) {
    throw error instanceof StoaError ? error : away(error);
  }
}

/** What identity says of the token or the user may be newer than what is known here. */
function refusalOf({ status, headers }: Response): StoaError {
  if (status === 401) return new StoaError("invalid_token");
  if (status === 403) return new StoaError("forbidden");
  if (status === 429)
    return new StoaError("rate_limited", { headers: { "retry-after": headers.get("retry-after") ?? "1" } });
  return away(new Error(`Identity answered ${status}.`));
}

function welcomeIn(line: unknown): Welcome {
  if (!Value.Check(Line, line)) throw away(new Error("Identity answered a line that is not as agreed."));
  const { outcome, id, error } = line;
  if (outcome === "created" || outcome === "unchanged") return { user_id: id };
  if (outcome === "refused" && error && isCode(error.error_code)) return { refused: asError(error, error.error_code) };
  throw away(new Error("Identity could not finish the import."));
}

type Why = NonNullable<Static<typeof Line>["error"]>;

const isCode = (code: string): code is ErrorCode => Object.hasOwn(catalogue, code);
const asError = ({ detail, errors }: Why, code: ErrorCode) =>
  new StoaError(code, { detail, ...(errors && { errors }) });

function away(cause: unknown): StoaError {
  const detail = "Identity, which adds the people of this payload, cannot be reached now; nothing of it is saved.";
  return new StoaError("unavailable", { detail, cause });
}
