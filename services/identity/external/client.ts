import { StoaError } from "@stoa/errors";
import { readIdentity } from "./answer.ts";
import { circuitBreaker } from "./circuit-breaker.ts";
import type { CorporateCredentials, CorporateDirectory, CorporateIdentity } from "./corporate-directory.ts";

/** Where the directory is, and how long to wait for it. */
export interface DirectoryOptions {
  /** `ACE_API_URL`. */
  readonly url: string;
  readonly now: () => Date;
  /** Milliseconds for everything, a second try and the answer's body too; 5,000 unless given. */
  readonly timeout_ms?: number;
}

/** Errors of a connection that never came about. No request was sent, so another try cannot log in twice. */
const unsent = new Set([
  "ConnectionRefused",
  "ECONNREFUSED",
  "FailedToOpenSocket",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/**
 * The client of the corporate login API: one JSON POST for each login, within five seconds, tried once more only when
 * no connection came about, behind a circuit breaker. Redirects are not followed: the password goes where it was
 * configured to go.
 */
export function corporateDirectory({ url, now, timeout_ms = 5_000 }: DirectoryOptions): CorporateDirectory {
  const breaker = circuitBreaker({
    now,
    isFailure: (error) => error instanceof StoaError && error.code === "directory_unavailable",
    refusal: (seconds) => new StoaError("directory_unavailable", { headers: { "retry-after": String(seconds) } }),
  });
  return {
    origin: new URL(url).origin,
    authenticate: (credentials) => breaker.run(() => ask(url, credentials, AbortSignal.timeout(timeout_ms))),
  };
}

async function ask(url: string, credentials: CorporateCredentials, signal: AbortSignal): Promise<CorporateIdentity> {
  const { account_id, username, password } = credentials;
  const body = JSON.stringify({ account_id, username, password });
  const headers = { "content-type": "application/json", accept: "application/json" };
  const post = () => fetch(url, { method: "POST", headers, body, redirect: "manual", signal });
  const response = await post().catch(onceMore(post)).catch(unavailable);
  if (response.status === 200) return readIdentity(response).catch(unavailable);
  await response.body?.cancel();
  if (response.status === 401) throw new StoaError("invalid_credentials");
  if (response.status === 404) throw new StoaError("invalid_account_id");
  return unavailable(new Error(`The directory answered ${response.status}.`));
}

function onceMore<T>(again: () => Promise<T>) {
  return (error: unknown) => {
    if (error instanceof Error && "code" in error && unsent.has(String(error.code))) return again();
    throw error;
  };
}

function unavailable(cause: unknown): never {
  throw new StoaError("directory_unavailable", { cause });
}
