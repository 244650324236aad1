import type { Principal } from "@stoa/auth";
import { StoaError } from "@stoa/errors";
import { limitKey } from "./address.ts";
import { countedBy, type LimitName } from "./limits.ts";
import type { OperationSpec } from "./operation.ts";
import type { RequestState } from "./request-state.ts";

/**
 * Finds the principal of a request: limit of the address, token, limit of the user. An address counts only what comes
 * without a good token.
 *
 * @throws StoaError `rate_limited`, `unauthorized`, or what the verifier throws
 */
export async function authenticate(state: RequestState, { access, limit }: OperationSpec): Promise<void> {
  let refusal: StoaError | undefined;
  const header = state.request.headers.get("authorization");
  if (header !== null) {
    try {
      state.principal = await state.verify(tokenIn(header));
    } catch (error) {
      if (!(error instanceof StoaError)) throw error;
      refusal = error;
    }
  } else if (access !== "anyone") {
    refusal = new StoaError("unauthorized");
  }
  const limited = limit !== "none";
  const named = limit === "none" ? undefined : limit;
  if (limited && !state.principal) count(state, "address");
  if (named && countedBy(named) === "address") count(state, named);
  // On a route open to anyone an old token is as good as none: this is how it gets renewed.
  if (refusal && access !== "anyone") throw refusal;
  if (!limited || !state.principal) return;
  count(state, "user");
  if (named && countedBy(named) === "user") count(state, named);
}

/** Whether the principal has the rights that need no look at the resource. @throws StoaError `forbidden` */
export function authorize(principal: Principal | null, { access, role }: OperationSpec): void {
  if (principal?.is_superuser) return;
  if (access === "superuser") throw new StoaError("forbidden");
  if (role !== undefined && !principal?.roles.includes(role)) throw new StoaError("forbidden");
}

function count(state: RequestState, name: LimitName): void {
  const byUser = name === "user" || name === "send";
  const key = byUser && state.principal ? state.principal.user_id : limitKey(state.address());
  const verdict = state.limits.take(name, key);
  if (!verdict) return;
  state.limit = verdict;
  if (!verdict.allowed)
    throw new StoaError("rate_limited", { headers: { "retry-after": String(verdict.retry_after) } });
}

/** The token of `Authorization: Bearer` (RFC 6750, section 2.1). */
function tokenIn(header: string): string {
  // As every client writes it.
  if (header.startsWith("Bearer ") && !header.includes(" ", 7) && header.length > 7) return header.slice(7);
  const [scheme, token, ...rest] = header.trim().split(/ +/);
  if (scheme?.toLowerCase() !== "bearer") throw new StoaError("unauthorized");
  if (token === undefined || rest.length > 0) throw new StoaError("invalid_token");
  return token;
}
