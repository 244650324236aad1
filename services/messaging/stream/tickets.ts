import { jwt } from "@elysiajs/jwt";
import type { Principal } from "@stoa/auth";
import { computed, type Database, newId, type Purge, raw, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Listener } from "./connection.ts";
import { usedTickets } from "./table.ts";
import { type HeardRevocations, isKeyRevoked } from "./watch-sessions.ts";

/** What tickets need. */
export interface TicketOptions {
  /** `deriveKey(secret, "stream-ticket")`. */
  readonly key: Uint8Array;
  readonly db: Database;
  readonly now: () => Date;
  readonly revocations: HeardRevocations;
}

/** Tickets: for clients that cannot send a header when they open a stream (EventSource). */
export interface Tickets {
  issue(principal: Principal): Promise<string>;
  /**
   * Uses a ticket up.
   *
   * @throws StoaError `invalid_token` (not issued by Stoa, or used), `token_expired`, `session_revoked`
   */
  redeem(ticket: string): Promise<Listener>;
  /**
   * Whose ticket it is, without using it up: for the HEAD of a stream.
   *
   * @throws StoaError as `redeem`
   */
  look(ticket: string): Promise<Listener>;
}

/** How long a ticket can be used, in seconds. */
export const TICKET_SECONDS = 60;

const issuer = "stoa messaging";
const audience = "stoa stream";
/** Base64 decoders ignore the last two bits of a signature of 32 bytes: written as zeros, a ticket has one spelling. */
const oneSpelling = /^[\w-]+\.[\w-]+\.[\w-]{42}[AEIMQUYcgkosw048]$/;

/**
 * Makes tickets: JWTs, signed by HS256 with a key of their own, for 60 seconds and one use. The database remembers the
 * used ones, so that a ticket used in this process opens nothing in another.
 */
export function createTickets({ key, db, now, revocations }: TicketOptions): Tickets {
  // A ticket does not say which key signed the token that it was issued for: when any key is revoked, all end.
  let refusedUntil = Number.NEGATIVE_INFINITY;
  revocations.onChange?.((event) => {
    if (isKeyRevoked(event)) refusedUntil = Math.max(refusedUntil, Date.parse(event.time) / 1_000);
  });
  const { sign, verify } = jwt({ name: "ticket", secret: key, alg: "HS256" }).decorator.ticket;
  /** Whose ticket it is, unless `used` says that it was used. */
  async function take(ticket: string, used: (ticket_id: string, exp: number) => Promise<boolean>): Promise<Listener> {
    if (!oneSpelling.test(ticket)) throw new StoaError("invalid_token");
    const claims = await verify(ticket, {
      algorithms: ["HS256"],
      issuer,
      audience,
      requiredClaims: ["sub", "sid", "jti", "exp", "token_exp"],
      // Expiry is checked below: it has an error code of its own.
      currentDate: new Date(0),
    });
    if (!claims) throw new StoaError("invalid_token");
    const { sub, sid, jti, exp, token_exp } = claims;
    if (typeof sub !== "string" || typeof sid !== "string" || typeof jti !== "string" || typeof exp !== "number") {
      throw new StoaError("invalid_token");
    }
    if (exp * 1_000 <= now().getTime()) throw new StoaError("token_expired");
    if (exp - TICKET_SECONDS <= refusedUntil) throw new StoaError("invalid_token");
    const override = await revocations.lookup({ user_id: sub, session_id: sid, kid: "", issued_at: 0 });
    if (override?.revoked) throw new StoaError("session_revoked");
    if (await used(jti, exp)) throw new StoaError("invalid_token", { detail: "This ticket has been used." });
    return { user_id: sub, session_id: sid, expires_at: Number(token_exp) };
  }
  return {
    issue: ({ user_id, session_id, expires_at }) => {
      const iat = Math.floor(now().getTime() / 1_000);
      return sign({
        iss: issuer,
        aud: audience,
        sub: user_id,
        sid: session_id,
        jti: newId(),
        exp: iat + TICKET_SECONDS,
        token_exp: expires_at,
      });
    },
    redeem: (ticket) => take(ticket, (id, exp) => useUp(db, id, exp)),
    look: (ticket) => take(ticket, (id) => isUsed(db, id)),
  };
}

/** Used tickets go when they would have expired anyway. */
export const ticketPurge: Purge = {
  table: usedTickets,
  past: (now) => sql`${usedTickets.expires_at} <= ${now.toISOString()}`,
};

/** Uses a ticket up. Returns whether it had been used before. */
async function useUp(db: Database, ticket_id: string, exp: number): Promise<boolean> {
  const [used] = await db.write([
    sql`insert into used_tickets (ticket_id, expires_at) values (${ticket_id}, ${new Date(exp * 1_000).toISOString()})
      on conflict (ticket_id) do nothing`,
  ]);
  return used?.changes !== 1;
}

async function isUsed(db: Database, ticket_id: string): Promise<boolean> {
  const id = computed<string>(raw("ticket_id"));
  return (await db.query(select({ id }, sql`from used_tickets where ticket_id = ${ticket_id}`))).length > 0;
}
