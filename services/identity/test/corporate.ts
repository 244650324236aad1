import { sql } from "@stoa/db";
import type { Sending } from "@stoa/testing";
import { corporateDirectory } from "../external/client.ts";
import type { ExternalTokens } from "../external/schema.ts";
import type { User } from "../users/schema.ts";
import { testIdentity } from "./harness.ts";

/** Someone in the directory. */
export interface Employee {
  guid: string;
  ace_user_id: string | number;
  username: string;
  password: string;
  email?: string;
  email_verified?: boolean;
}

/** A corporate directory over HTTP: one account, `acme`, or the number 7. */
export function startDirectory(...employees: Employee[]) {
  const down = { is: false };
  const asked: { account_id: unknown; username: string; password: string }[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const login = (await request.json()) as (typeof asked)[number];
      asked.push(login);
      if (down.is) return new Response("<h1>Maintenance</h1>", { status: 503 });
      if (login.account_id !== "acme" && login.account_id !== 7) return new Response(null, { status: 404 });
      const found = employees.find(({ username }) => username.toLowerCase() === login.username.toLowerCase());
      if (found?.password !== login.password) return new Response(null, { status: 401 });
      const { password: _, ...answer } = found;
      return Response.json({ ...answer, role: "admin" });
    },
  });
  return {
    employees,
    asked,
    down,
    url: `${server.url}login`,
    origin: server.url.origin,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

/** What they log in with there. */
export const secret = "their corporate password";

/** Somebody in it. */
export function employee(username: string, more: Partial<Employee> = {}): Employee {
  return { guid: `guid-${username}`, ace_user_id: `ace-${username}`, username, password: secret, ...more };
}

/** Identity with a directory of these. */
export async function testCorporate(...employees: Employee[]) {
  const corporate = startDirectory(...employees);
  const directory = corporateDirectory({ url: corporate.url, now: () => new Date() });
  const identity = await testIdentity({ directory, corporate: { local_passwords: true } });
  const logIn = <T = ExternalTokens & { error_code: string }>(
    username: string,
    more: object = {},
    sending: Sending = {},
  ) =>
    identity.call<T>("POST", "/auth/login/external", {
      body: { account_id: "acme", username, password: secret, ...more },
      ...sending,
    });
  return {
    ...corporate,
    identity,
    logIn,
    me: async (token: string) => (await identity.call<User>("GET", "/auth/me", { token })).body,
    verify: (user_id: string) => identity.db.write([sql`update users set email_verified = 1 where id = ${user_id}`]),
    async [Symbol.asyncDispose]() {
      await identity[Symbol.asyncDispose]();
      await corporate[Symbol.asyncDispose]();
    },
  };
}
