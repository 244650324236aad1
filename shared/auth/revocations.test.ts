import { describe, expect, test } from "bun:test";
import { newId, type Sql, sql } from "@stoa/db";
import type { Envelope, EventData, EventName } from "@stoa/events";
import { temporaryDatabase, testKeys } from "@stoa/testing";
import { memoryRevocations } from "./memory-revocations.ts";
import type { RevocationEvent } from "./revocation-entries.ts";
import { revocationHandlers } from "./revocation-handlers.ts";
import type { Override, Revocations, TokenSubject } from "./revocations.ts";
import { revocations as table } from "./revocations-table.ts";
import { tableRevocations } from "./table-revocations.ts";
import { createVerifier } from "./verifier.ts";

const start = Date.parse("2026-11-20T09:00:00.000Z");
const schema = { tables: { table } };

function eventOf<N extends EventName>(name: N, data: EventData<N>, ms = start): RevocationEvent {
  return { type: `stoa.identity.${name}.v1`, time: new Date(ms).toISOString(), data } as RevocationEvent;
}

interface Kind extends AsyncDisposable {
  readonly revocations: Revocations;
  apply(event: RevocationEvent): Promise<void>;
  size(): Promise<number>;
  clock: { ms: number };
}

/** Both kinds must pass the same tests. */
const kinds: Record<string, () => Promise<Kind>> = {
  memory: async () => {
    const clock = { ms: start };
    const revocations = memoryRevocations({ lifetimeSeconds: 900, now: () => new Date(clock.ms) });
    return {
      revocations,
      clock,
      apply: async (event) => revocations.apply(event),
      size: async () => revocations.size,
      [Symbol.asyncDispose]: async () => undefined,
    };
  },
  table: async () => {
    const stored = await temporaryDatabase(schema);
    const handlers = revocationHandlers(900);
    return {
      revocations: tableRevocations(stored.db),
      clock: { ms: start },
      apply: async (event) => {
        const statements = handlers
          .filter((handler) => `stoa.identity.${handler.event}.v1` === event.type)
          .flatMap((handler): readonly Sql[] => handler.apply(event as Envelope));
        if (statements.length > 0) await stored.db.write(statements);
      },
      size: async () => (await stored.db.query(sql`select 1 from revocations`)).length,
      [Symbol.asyncDispose]: () => stored.dispose(),
    };
  },
};

for (const [name, make] of Object.entries(kinds)) {
  describe(`revocations in ${name}`, () => {
    const [user_id, session_id] = [newId(), newId()];
    const token: TokenSubject = { user_id, session_id, kid: "k1", issued_at: start / 1_000 };
    const look = async (kind: Kind, more: Partial<TokenSubject> = {}): Promise<Override | undefined> =>
      kind.revocations.lookup({ ...token, ...more });

    test("say nothing about a token whose user, session and key have not changed", async () => {
      await using kind = await make();
      await kind.apply(eventOf("session.revoked", { user_id, session_ids: [newId()], reason: "logout" }));
      expect(await look(kind)).toBeUndefined();
    });

    test("refuse each session of the event, whenever its tokens were issued, and no other", async () => {
      await using kind = await make();
      const second = newId();
      await kind.apply(
        eventOf("session.revoked", { user_id, session_ids: [session_id, second], reason: "logout_all" }),
      );
      expect(await look(kind)).toEqual({ revoked: "session" });
      expect(await look(kind, { session_id: second, issued_at: token.issued_at + 5 })).toEqual({ revoked: "session" });
      // A session that was started in the same second as a logout of all sessions stays valid.
      expect(await look(kind, { session_id: newId() })).toBeUndefined();
    });

    test("refuse a disabled user until they are enabled; the sessions that were ended stay ended", async () => {
      await using kind = await make();
      await kind.apply(eventOf("user.disabled", { user_id, session_ids: [session_id] }));
      expect(await look(kind, { session_id: newId() })).toEqual({ revoked: "user" });
      await kind.apply(eventOf("user.enabled", { user_id }, start + 1_000));
      expect(await look(kind, { session_id: newId() })).toBeUndefined();
      expect(await look(kind)).toEqual({ revoked: "session" });
    });

    test("refuse an erased user", async () => {
      await using kind = await make();
      await kind.apply(eventOf("user.erased", { user_id, session_ids: [session_id] }));
      expect(await look(kind, { session_id: newId() })).toEqual({ revoked: "user" });
    });

    test("refuse a revoked key", async () => {
      await using kind = await make();
      await kind.apply(eventOf("key.revoked", { kid: "k1" }));
      expect(await look(kind)).toEqual({ revoked: "key" });
      expect(await look(kind, { kid: "k2" })).toBeUndefined();
    });

    test("override roles and superuser of tokens issued before, by the latest change", async () => {
      await using kind = await make();
      await kind.apply(eventOf("user.superuser_changed", { user_id, is_superuser: true }));
      await kind.apply(eventOf("user.superuser_changed", { user_id, is_superuser: false }, start + 500));
      await kind.apply(eventOf("user.roles_changed", { user_id, from: [], to: ["auditor"] }, start + 500));
      expect(await look(kind)).toEqual({ revoked: false, is_superuser: false, roles: ["auditor"] });
    });

    test("do not override a token issued well after the change", async () => {
      await using kind = await make();
      await kind.apply(eventOf("user.superuser_changed", { user_id, is_superuser: true }));
      expect(await look(kind, { issued_at: start / 1_000 + 61 })).toEqual({ revoked: false });
    });

    test("forget a change one lifetime and a minute later", async () => {
      await using kind = await make();
      await kind.apply(eventOf("session.revoked", { user_id, session_ids: [session_id], reason: "logout" }));
      const later = start + 959_000;
      kind.clock.ms = later;
      await kind.apply(eventOf("session.revoked", { user_id, session_ids: [newId()], reason: "logout" }, later));
      expect(await kind.size()).toBe(2);
      kind.clock.ms = later + 20_000;
      await kind.apply(eventOf("key.revoked", { kid: "k2" }, later + 20_000));
      expect(await kind.size()).toBe(2);
    });

    test("applying an event twice is the same as once; other events change nothing", async () => {
      await using kind = await make();
      const event = eventOf("session.revoked", { user_id, session_ids: [session_id], reason: "logout" });
      await kind.apply(event);
      await kind.apply(event);
      await kind.apply(eventOf("user.password_changed", { user_id }));
      expect(await kind.size()).toBe(1);
    });

    test("take a thousand sessions in one event", async () => {
      await using kind = await make();
      const session_ids = Array.from({ length: 1_000 }, newId);
      await kind.apply(eventOf("session.revoked", { user_id, session_ids, reason: "admin" }));
      expect(await look(kind, { session_id: session_ids[999] ?? "" })).toEqual({ revoked: "session" });
    });
  });
}

test("in memory, events from before the window are ignored, and events that arrive late do not undo later ones", () => {
  const revocations = memoryRevocations({ lifetimeSeconds: 900, now: () => new Date(start) });
  const user_id = newId();
  revocations.apply(eventOf("user.superuser_changed", { user_id, is_superuser: true }, start - 961_000));
  expect(revocations.size).toBe(0);
  revocations.apply(eventOf("user.superuser_changed", { user_id, is_superuser: false }, start));
  revocations.apply(eventOf("user.superuser_changed", { user_id, is_superuser: true }, start - 1_000));
  revocations.apply(eventOf("user.disabled", { user_id, session_ids: [] }, start));
  revocations.apply(eventOf("user.enabled", { user_id }, start - 1_000));
  const token = { user_id, session_id: newId(), kid: "k", issued_at: start / 1_000 - 5 };
  expect(revocations.lookup(token)).toEqual({ revoked: "user", is_superuser: false });
  revocations.apply(eventOf("user.enabled", { user_id }, start + 1_000));
  revocations.apply(eventOf("user.disabled", { user_id, session_ids: [] }, start));
  expect(revocations.lookup(token)).toEqual({ revoked: false, is_superuser: false });
});

test("open streams are notified of changes", () => {
  const revocations = memoryRevocations({ lifetimeSeconds: 900, now: () => new Date(start) });
  let heard = 0;
  const stop = revocations.onChange(() => heard++);
  revocations.apply(eventOf("session.revoked", { user_id: newId(), session_ids: [newId()], reason: "logout" }));
  revocations.apply(eventOf("user.updated", { user_id: newId(), username: "ada", full_name: null }));
  stop();
  revocations.apply(eventOf("session.revoked", { user_id: newId(), session_ids: [newId()], reason: "logout" }));
  expect(heard).toBe(1);
});

test("a verifier refuses and overrides by the present revocations", async () => {
  const keys = await testKeys();
  const revocations = memoryRevocations({ lifetimeSeconds: 900, now: () => new Date() });
  const { verify } = createVerifier({
    keys: async () => keys.jwks,
    issuer: keys.issuer,
    audience: keys.audience,
    revocations,
    now: () => new Date(),
  });
  const [sub, sid] = [newId(), newId()];
  const token = await keys.signToken({ sub, sid });
  expect(await verify(token)).toMatchObject({ is_superuser: false, roles: [] });
  revocations.apply(eventOf("user.superuser_changed", { user_id: sub, is_superuser: true }, Date.now()));
  revocations.apply(eventOf("user.roles_changed", { user_id: sub, from: [], to: ["auditor"] }, Date.now()));
  expect(await verify(token)).toMatchObject({ is_superuser: true, roles: ["auditor"] });
  revocations.apply(eventOf("session.revoked", { user_id: sub, session_ids: [sid], reason: "logout" }, Date.now()));
  await expect(verify(token)).rejects.toMatchObject({ code: "session_revoked", status: 401 });
});
