import { createVerifier, memoryRevocations } from "@stoa/auth";
import { damagesIn } from "@stoa/bus/damages";
import { type Database, sql } from "@stoa/db";
import { type ServiceName, services } from "@stoa/events";
import type { HttpDeps } from "@stoa/http";
import { documentation } from "@stoa/http/docs";
import { createApp as createIdentity } from "@stoa/identity/app";
import type { Backups } from "@stoa/identity/backups/backups";
import { exampleBackup } from "@stoa/identity/backups/schema";
import { publishedKeys } from "@stoa/identity/keys/published";
import { root, testIdentity } from "@stoa/identity/test/harness";
import { createApp as createMessaging } from "@stoa/messaging/app";
import { createStreams } from "@stoa/messaging/stream/streams";
import { createApp as createProjects } from "@stoa/projects/app";
import { identityOver } from "@stoa/projects/newcomers/identity";
import { webhookDeps } from "@stoa/projects/webhooks/deps";
import { httpDeps, readOnce, rowsOf, silent, type TestKeys, temporaryDatabase, testKeys } from "@stoa/testing";
import { fanOut } from "@stoa/webhooks/fan-out";
import type { AnyElysia } from "elysia";
import { eventPump } from "./event-pump.ts";
import { recordLoop, wholeTables } from "./loop-reads.ts";

/** The three services in this process with their databases, without ports and without timers to wait for. */
export interface Stoa extends AsyncDisposable {
  readonly apps: Readonly<Record<ServiceName, AnyElysia>>;
  /** The same services with other rate limits. */
  appsWith(options: { rate_limit_scale: number }): Readonly<Record<ServiceName, AnyElysia>>;
  /** The credentials of the first superuser. */
  readonly root: { readonly email: string; readonly password: string };
  /** A key that the services trust besides identity's own, to sign tokens that identity never would. */
  readonly keys: TestKeys;
  /** The last sequence of each journal. It does not change when a request appends no event. */
  journals(): Promise<string>;
  /** Applies all pending events in all services. */
  settle(): Promise<void>;
  /** Makes the deliveries of projects' new events to webhooks. Nothing sends them. */
  fanOut(): Promise<void>;
  /** The token in the last mail to an address. */
  mailedToken(recipient: string): Promise<string>;
  /** Takes back that a session has proven the second factor of its user: it is one of the password alone. */
  unprove(session_id: string): Promise<void>;
  /** The logged failures of the server. */
  readonly failures: object[];
  /** The statements that ran on the event loop and read a whole table that grows, by service. */
  wholeTables(): Promise<string[]>;
  /** The events that whoever follows a journal could not read. */
  damages(): Promise<string[]>;
}

/** A server of models that nothing asks. */
const assistantSettings = { urls: ["http://127.0.0.1:9/v1"], key: null, models: null, daily_tokens: 1_000 } as const;

/** One backup, since no database is in a file. */
const backups: Backups = { take: async () => exampleBackup, list: () => [exampleBackup] };

/** Starts the services. */
export async function startStoa(): Promise<Stoa> {
  await using stack = new AsyncDisposableStack();
  const identity = stack.use(await testIdentity());
  const projects = stack.use(await temporaryDatabase("projects")).db;
  const messaging = stack.use(await temporaryDatabase("messaging")).db;
  const databases: Record<ServiceName, Database> = { identity: identity.db, projects, messaging };
  // What the tests themselves read is not recorded.
  const unrecorded: Record<ServiceName, Database> = {
    identity: { ...identity.db },
    projects: { ...projects },
    messaging: { ...messaging },
  };
  const onLoop = services.map((service) => ({ service, ran: recordLoop(databases[service]) }));

  const now = () => new Date();
  const keys = await testKeys();
  const revocations = memoryRevocations({ lifetimeSeconds: 900, now });
  const { issuer, audience } = keys;
  const believed = async () => ({ keys: [...(await publishedKeys(identity.db, now())).keys, keys.publicJwk] });
  const { verify } = createVerifier({ keys: believed, issuer, audience, revocations, now });
  const failures: object[] = [];
  const log: HttpDeps["log"] = {
    ...silent,
    // No corporate directory is configured, and saying so is not a failure.
    error: (line) => ("error_code" in line && line["error_code"] === "not_configured") || failures.push(line),
  };
  const httpOf = (service: ServiceName, rate_limit_scale: number) =>
    httpDeps({
      service,
      verify,
      log,
      rate_limit_scale,
      plugins: [documentation({ service, version: "0.0.0" })],
    });

  const cursor_key = new Uint8Array(32).fill(7);
  const ticket_key = new Uint8Array(32).fill(9);
  const streams = createStreams({ db: messaging, now, log, revocations, ticket_key });
  stack.defer(() => streams.hub.close());
  const identityWith = (rate_limit_scale: number) =>
    createIdentity({
      ...identity.deps,
      backups,
      revoke: revocations.apply,
      http: httpOf("identity", rate_limit_scale),
    });
  const beside = identityWith(0);
  const appsWith = ({ rate_limit_scale }: { rate_limit_scale: number }) => ({
    identity: identityWith(rate_limit_scale),
    projects: createProjects({
      db: projects,
      now,
      readYourWrites: readOnce,
      webhooks: webhookDeps({
        secret_key: "the secret key of the tests",
        secret_key_previous: null,
        webhook_allowed_hosts: [],
        environment: "test",
      }),
      cursor_key,
      corporate: null,
      identity: identityOver({ url: "http://identity", send: (request) => beside.handle(request) }),
      http: httpOf("projects", rate_limit_scale),
    }),
    messaging: createMessaging({
      db: messaging,
      now,
      readYourWrites: readOnce,
      cursor_key,
      streams,
      assistants: { settings: assistantSettings, stop: () => undefined },
      // No request of these tests becomes a socket.
      upgrade: () => false,
      http: httpOf("messaging", rate_limit_scale),
    }),
  });
  const owned = stack.move();
  return {
    apps: appsWith({ rate_limit_scale: 0 }),
    appsWith,
    root,
    keys,
    journals: async () => {
      const last = services.map((service) => unrecorded[service].query(sql`select max(seq) as seq from journal`));
      return (await Promise.all(last)).map(([row]) => `${row?.["seq"] ?? 0}`).join(" ");
    },
    settle: eventPump(databases),
    fanOut: async () => {
      while (await fanOut({ db: projects, service: "projects", now }));
    },
    unprove: async (session_id) => {
      await unrecorded.identity.write([sql`update sessions set second_factor = null where id = ${session_id}`]);
    },
    mailedToken: async (recipient) => {
      const [mail] = await rowsOf<{ text: string }>(
        unrecorded.identity,
        sql`select text from mails where recipient = ${recipient} order by id desc limit 1`,
      );
      const token = /#token=([\w-]+)/.exec(mail?.text ?? "")?.[1];
      if (!token) throw new Error(`No mail to ${recipient} has a token.`);
      return token;
    },
    failures,
    damages: async () => {
      const found = services.map((service) => Array.fromAsync(damagesIn(unrecorded[service], service, 0)));
      return (await Promise.all(found)).flat().map(({ message }) => message);
    },
    wholeTables: async () => {
      const found = onLoop.map(async ({ service, ran }) =>
        (await wholeTables(unrecorded[service], ran.values())).map((fault) => `${service}: ${fault}`),
      );
      return (await Promise.all(found)).flat();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
