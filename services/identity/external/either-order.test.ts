import { sql } from "@stoa/db";
import { eitherOrder } from "../test/either-order.ts";
import { password, type TestIdentity } from "../test/harness.ts";
import { mailedToken } from "../test/mails.ts";
import type { CorporateDirectory } from "./corporate-directory.ts";

/** A directory that knows everyone by their address, as admins. */
const directory: CorporateDirectory = {
  origin: "https://directory.example",
  authenticate: async ({ username }) => ({
    guid: `guid-${username}`,
    ace_user_id: 7,
    username,
    verified_email: `${username}@example.com`,
    role: "admin",
  }),
};

/** Ada has a user here with the address that the directory verified. Linus and Maria are linked. Bob has no user. */
async function scene(identity: TestIdentity) {
  const { user } = await identity.person("ada");
  await identity.db.write([sql`update users set email_verified = 1 where id = ${user.id}`]);
  const corporate = (username: string) => ({ account_id: "acme", username, password: "corporate" });
  for (const name of ["linus", "maria"]) await identity.call("POST", "/auth/login/external", { body: corporate(name) });
  const token = await identity.superuser();
  const roles = await identity.call<{ items: { id: string }[] }>("GET", "/auth/roles", { token });
  const idOf = async (name: string) =>
    (await identity.call<{ items: { id: string }[] }>("GET", `/auth/users?q=${name}`, { token })).body.items[0]?.id;
  const [role, linus, maria] = [roles.body.items[0]?.id, await idOf("linus"), await idOf("maria")];
  await identity.call("PUT", `/auth/users/${linus}/roles`, { token, body: { roles: [] } });
  await identity.call("POST", "/auth/password/forgot", { body: { email: "ada@example.com" } });
  const reset = await mailedToken(identity.db, "ada@example.com", "password_reset");
  const login = (username: string) => ({ method: "POST", path: "/auth/login/external", body: corporate(username) });
  const of = (id: string | undefined, method: string, at = "", body?: unknown) => ({
    method,
    path: `/auth/users/${id}${at}`,
    token,
    body,
  });
  return {
    "log in as Ada": login("ada"),
    "log in as Linus": login("linus"),
    "log in as Maria": login("maria"),
    "log in as Bob": login("bob"),
    "log in here as Ada": { method: "POST", path: "/auth/login", body: { username: "ada", password } },
    "reset Ada's password": {
      method: "POST",
      path: "/auth/password/reset",
      body: { token: reset, new_password: "nine otters under the bridge" },
    },
    "register with Bob's address": {
      method: "POST",
      path: "/auth/register",
      body: { email: "bob@example.com", username: "robert", password },
    },
    "delete the role": { method: "DELETE", path: `/auth/roles/${role}`, token },
    "give Ada another address": of(user.id, "PATCH", "", { email: "lovelace@example.com" }),
    "distrust Ada's address": of(user.id, "PATCH", "", { email_verified: false }),
    "disable Ada": of(user.id, "PUT", "/disable"),
    "erase Ada": of(user.id, "DELETE"),
    "disable Maria": of(maria, "PUT", "/disable"),
    "erase Maria": of(maria, "DELETE"),
    "give Linus the role": of(linus, "PUT", "/roles", { roles: ["auditor"] }),
  };
}

eitherOrder(
  "a corporate user",
  scene,
  {
    "log in as Ada": ["log in as Ada", "log in here as Ada", "reset Ada's password"],
    "log in as Linus": ["delete the role", "give Linus the role"],
    "log in as Maria": ["disable Maria", "erase Maria", "log in as Maria"],
    "log in as Bob": ["log in as Bob", "register with Bob's address", "delete the role"],
    "log in here as Ada": ["log in as Ada"],
    "reset Ada's password": ["log in as Ada"],
    "disable Ada": ["log in as Ada"],
    "register with Bob's address": ["log in as Bob"],
  },
  { directory, corporate: { local_passwords: true, roles: [{ directory: "admin", role: "auditor" }] } },
);
