import { createVerifier, memoryRevocations, type Principal } from "@stoa/auth";
import { type Database, type Row, sql } from "@stoa/db";
import { lineLogger } from "@stoa/http";
import { type Answer, httpDeps, type Problem, type Sending, send, temporaryDatabase } from "@stoa/testing";
import { createApp } from "../app.ts";
import type { Backups } from "../backups/backups.ts";
import type { Deps } from "../deps.ts";
import type { CorporateDirectory } from "../external/corporate-directory.ts";
import type { CorporateRules } from "../external/rules.ts";
import { publishedKeys } from "../keys/published.ts";
import type { Passwords } from "../passwords/passwords.ts";
import { bunPasswords } from "../passwords-bun.ts";
import { identityDeps, prepareIdentity } from "../prepare.ts";
import type { Tokens } from "../sessions/schema.ts";
import type { User } from "../users/schema.ts";

/** A password that passes. */
export const password = "seven herons by the weir";

/** The first superuser of every test. */
export const root = { email: "root@example.com", password: "a lantern over cold water" };

/** Identity on a database of its own, with a clock to move. */
export interface TestIdentity extends AsyncDisposable {
  readonly db: Database;
  readonly deps: Deps;
  /** Everything that was logged. */
  readonly logged: string[];
  /** Milliseconds to add to the time. */
  readonly clock: { ahead: number };
  /** Stops the clock there: milliseconds since 1970. */
  freeze(at: number): void;
  verify(token: string): Promise<Principal>;
  /** A request as it is: for bodies that are not JSON, and answers that are streamed. */
  request(path: string, init: RequestInit): Promise<Response>;
  /** Answers a request to any path, for a server. */
  handle(request: Request): Promise<Response>;
  call<T = Problem>(method: string, path: string, sending?: Sending): Promise<Answer<T>>;
  register(name: string): Promise<User>;
  login(username: string, secret?: string): Promise<Tokens>;
  /** Registers and logs in. */
  person(name: string): Promise<{ user: User; tokens: Tokens; token: string }>;
  /** An access token of the first superuser. */
  superuser(): Promise<string>;
  /** The journal's events of a type, oldest first. */
  events(type: string): Promise<Row[]>;
}

/** Argon2 is tested by itself; elsewhere a hash that costs nothing, so that tests are quick. */
export function quickPasswords(): Passwords {
  const { estimate } = bunPasswords();
  const digest = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");
  return {
    estimate,
    hash: async (text) => digest(text),
    isPresent: () => true,
    verify: async (text, hash) => digest(text) === hash,
  };
}

/** Where a database is, and the way to leave it. */
interface Stored extends AsyncDisposable {
  readonly db: Database;
}

/** Starts one. @param more deps to replace */
export async function testIdentity(
  more: {
    passwords?: Passwords | null;
    directory?: CorporateDirectory;
    backups?: Backups;
    stored?: Stored;
    limits?: boolean;
    legacy_refresh?: boolean;
    corporate?: Partial<CorporateRules>;
    registration?: Deps["registration"];
  } = {},
) {
  const stored = more.stored ?? (await temporaryDatabase("identity"));
  const clock: { ahead: number; frozen?: number } = { ahead: 0 };
  const logged: string[] = [];
  const now = () => new Date((clock.frozen ?? Date.now()) + clock.ahead);
  const { db } = stored;
  const [issuer, audience] = ["http://stoa.test", "stoa"];
  const revocations = memoryRevocations({ lifetimeSeconds: 900, now });
  const { verify } = createVerifier({ keys: () => publishedKeys(db, now()), issuer, audience, revocations, now });
  const deps = await identityDeps({
    db,
    now,
    passwords: more.passwords === undefined ? quickPasswords() : more.passwords,
    directory: more.directory ?? null,
    backups: more.backups ?? null,
    revoke: revocations.apply,
    public_url: "https://app.example.com",
    issuer,
    audience,
    access_token_seconds: 900,
    corporate: { local_passwords: false, session_days: 7, roles: [], ...more.corporate },
    legacy_refresh: more.legacy_refresh ?? false,
    registration: more.registration ?? "open",
    refresh_token_days: 7,
    secrets: ["a secret that only tests know of"],
    http: httpDeps({
      service: "identity",
      verify,
      now,
      log: lineLogger("identity", "debug", (line) => logged.push(line)),
      rate_limit_scale: more.limits ? 1 : 0,
    }),
  });
  if (deps.passwords) await prepareIdentity(deps, root);
  else await deps.keys.reload();
  const app = createApp(deps);

  const call = <T>(method: string, path: string, sending?: Sending) =>
    send<T>(app, method, `${path.startsWith("/.") ? "" : "/api/v1"}${path}`, sending);
  const expecting = async <T>(status: number, answer: Promise<Answer<T>>) => {
    const { status: actual, body } = await answer;
    if (actual !== status) throw new Error(`Expected ${status}, got ${actual}: ${JSON.stringify(body)}`);
    return body;
  };
  const identity: TestIdentity = {
    db,
    deps,
    logged,
    clock,
    freeze: (at) => {
      clock.frozen = at;
    },
    verify,
    request: async (path, init) => app.handle(new Request(`http://stoa.test/api/v1${path}`, init)),
    handle: async (request) => app.handle(request),
    call,
    register: (name) =>
      expecting(
        201,
        call<User>("POST", "/auth/register", { body: { email: `${name}@example.com`, password, username: name } }),
      ),
    login: (username, secret = password) =>
      expecting(200, call<Tokens>("POST", "/auth/login", { body: { username, password: secret } })),
    async person(name) {
      const user = await identity.register(name);
      const tokens = await identity.login(name);
      return { user, tokens, token: tokens.access_token };
    },
    superuser: async () => (await identity.login(root.email, root.password)).access_token,
    events: (type) => db.query(sql`select * from journal where type = ${type} order by seq`),
    [Symbol.asyncDispose]: () => stored[Symbol.asyncDispose](),
  };
  return identity;
}
