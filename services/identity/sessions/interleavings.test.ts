import { expect, test } from "bun:test";
import fc from "fast-check";
import { password, type TestIdentity, testIdentity } from "../test/harness.ts";
import type { Tokens } from "./schema.ts";

const passwords = [password, "an umbrella in the lighthouse"] as const;

/** A session as the contract tells of it: its tokens, the time and key of its last rotation, and whether it lives. */
interface Session {
  readonly tokens: string[];
  readonly access: string;
  rotated: { readonly at: number; readonly key: string | undefined };
  live: boolean;
}

const step = fc.record({
  action: fc.oneof(
    { weight: 8, arbitrary: fc.constant("refresh" as const) },
    { weight: 1, arbitrary: fc.constant("logout" as const) },
    { weight: 1, arbitrary: fc.constant("password" as const) },
  ),
  session: fc.nat(1),
  /** Which token is presented: 0 is the active one, 1 the one before it. */
  back: fc.nat(3),
  key: fc.constantFrom(undefined, "k1", "k2"),
  wait: fc.constantFrom(0, 0, 4_000, 11_000),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

test("any interleaving of use, replay, waiting, logout and password change follows the contract", async () => {
  await using identity = await testIdentity();
  await identity.register("ada");
  let present = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const sessions = [await begin(identity, present), await begin(identity, present)];
      let time = 0;
      for (const { wait, ...what } of steps) {
        identity.clock.ahead += wait;
        time += wait;
        const session = sessions[what.session];
        if (!session) continue;
        if (what.action === "refresh") await use(identity, session, what, time);
        if (what.action === "logout") {
          const { status } = await identity.call("POST", "/auth/logout", { token: session.access });
          expect(status).toBe(session.live ? 204 : 401);
          session.live = false;
        }
        if (what.action === "password") {
          const body = { current_password: passwords[present], new_password: passwords[1 - present] };
          const { status } = await identity.call("PUT", "/auth/me/password", { token: session.access, body });
          expect(status).toBe(session.live ? 204 : 401);
          if (!session.live) continue;
          present = 1 - present;
          for (const other of sessions) other.live = other === session;
        }
      }
      for (const session of sessions) {
        const { status } = await refresh(identity, session.tokens.at(-1), undefined);
        expect(status).toBe(session.live ? 200 : 401);
        const me = await identity.call("GET", "/auth/me", { token: session.access });
        expect(me.status).toBe(session.live ? 200 : 401);
      }
    }),
    { numRuns: 60 },
  );
});

async function begin(identity: TestIdentity, present: number): Promise<Session> {
  const { refresh_token, access_token } = await identity.login("ada", passwords[present]);
  const rotated = { at: Number.NEGATIVE_INFINITY, key: undefined };
  return { tokens: [refresh_token], access: access_token, rotated, live: true };
}

/** Presents a token of the session, and compares the answer with what the contract says. */
async function use(identity: TestIdentity, session: Session, { back, key }: Pick<Step, "back" | "key">, time: number) {
  const active = session.tokens.length - 1;
  const presented = Math.max(0, active - back);
  const { status, body } = await refresh(identity, session.tokens[presented], key);
  const { rotated } = session;
  if (!session.live) {
    expect(body.error_code).toBe("session_revoked");
  } else if (presented === active) {
    expect(status).toBe(200);
    expect(session.tokens).not.toContain(body.refresh_token);
    session.tokens.push(body.refresh_token);
    session.rotated = { at: time, key };
  } else if (presented === active - 1 && (time - rotated.at < 9_000 || (key !== undefined && key === rotated.key))) {
    expect(body.refresh_token).toBe(session.tokens[active] ?? "");
  } else {
    expect(body.error_code).toBe("refresh_token_reused");
    session.live = false;
  }
}

function refresh(identity: TestIdentity, refresh_token: string | undefined, key: string | undefined) {
  const headers: Record<string, string> = key === undefined ? {} : { "idempotency-key": key };
  return identity.call<Tokens & { error_code?: string }>("POST", "/auth/refresh", { body: { refresh_token }, headers });
}
