import { eitherOrder } from "../test/either-order.ts";
import { password, type TestIdentity } from "../test/harness.ts";

/** Ada has two roles. Root and Sam are the superusers. */
async function scene(identity: TestIdentity) {
  const ada = await identity.person("ada");
  const root = await identity.superuser();
  const create = async (name: string) =>
    (await identity.call<{ id: string }>("POST", "/auth/roles", { token: root, body: { name } })).body.id;
  const [auditor, editor] = [await create("auditor"), await create("editor")];
  const user = `/auth/users/${ada.user.id}`;
  await identity.call("PUT", `${user}/roles`, { token: root, body: { roles: ["auditor", "editor"] } });
  const body = { email: "sam@example.com", username: "sam", password, is_superuser: true };
  await identity.call("POST", "/auth/users", { token: root, body });
  const sam = await identity.login("sam");
  const [root_id, sam_id] = [(await identity.verify(root)).user_id, (await identity.verify(sam.access_token)).user_id];
  const token = root;
  const set = (...roles: string[]) => ({ method: "PUT", path: `${user}/roles`, token, body: { roles } });
  const bulk = (action: string, ...ids: string[]) => ({
    method: "POST",
    path: "/auth/users/bulk",
    body: { ids, action },
  });
  const bob = { email: "bob@example.com", username: "bob", password };
  const once = { "idempotency-key": "once" };
  return {
    "delete a role": { method: "DELETE", path: `/auth/roles/${auditor}`, token },
    "delete the other role": { method: "DELETE", path: `/auth/roles/${editor}`, token: sam.access_token },
    "create a role": { method: "POST", path: "/auth/roles", token, body: { name: "reader" }, headers: once },
    "create it otherwise": {
      method: "POST",
      path: "/auth/roles",
      token,
      body: { name: "reader", description: "Reads" },
    },
    "take all roles": set(),
    "leave one role": set("auditor"),
    "leave the other role": set("editor"),
    "leave one, unchanged": { ...set("auditor"), headers: { "if-match": '"2"' } },
    rename: { method: "PATCH", path: user, token, body: { username: "countess" } },
    disable: { method: "PUT", path: `${user}/disable`, token },
    erase: { method: "DELETE", path: user, token },
    "demote Root": {
      method: "PUT",
      path: `/auth/users/${root_id}/superuser`,
      token: sam.access_token,
      body: { is_superuser: false },
    },
    "demote Sam": { method: "PUT", path: `/auth/users/${sam_id}/superuser`, token, body: { is_superuser: false } },
    "disable Sam": { method: "PUT", path: `/auth/users/${sam_id}/disable`, token },
    "disable Root and Ada": { ...bulk("disable", root_id, ada.user.id), token: sam.access_token },
    "disable Sam and Ada": { ...bulk("disable", sam_id, ada.user.id), token },
    "enable Sam and Ada": { ...bulk("enable", sam_id, ada.user.id), token },
    "log Sam and Ada out": { ...bulk("logout", sam_id, ada.user.id), token },
    "erase Root": { method: "DELETE", path: `/auth/users/${root_id}`, token },
    "erase Sam": { method: "DELETE", path: "/auth/me", token: sam.access_token, body: { password } },
    "turn Ada round": { method: "PUT", path: `${user}/superuser`, token, headers: { "stoa-older": "1" } },
    "add Bob": { method: "POST", path: "/auth/users", token, body: { ...bob, roles: ["auditor"] }, headers: once },
    "register as Bob": { method: "POST", path: "/auth/register", body: bob },
    "register with Bob's address": { method: "POST", path: "/auth/register", body: { ...bob, username: "robert" } },
    "import Bob": {
      method: "POST",
      path: "/auth/users/import",
      token: sam.access_token,
      raw: `${JSON.stringify({ email: "bob@example.com", username: "bob", roles: ["auditor"] })}\n`,
      headers: { "content-type": "application/x-ndjson" },
    },
  };
}

eitherOrder("roles", scene, {
  "delete a role": ["delete a role", "delete the other role", "take all roles", "erase", "add Bob", "import Bob"],
  "create a role": ["create a role", "create it otherwise"],
  "leave one role": ["delete a role", "leave the other role", "rename"],
  "leave the other role": ["delete a role", "take all roles", "disable"],
  "leave one, unchanged": ["leave one role", "rename", "delete the other role", "disable"],
});

eitherOrder("superusers", scene, {
  "turn Ada round": ["turn Ada round", "disable"],
  "demote Root": ["demote Sam", "disable Sam", "erase Sam", "disable Sam and Ada"],
  "demote Sam": ["demote Root", "disable Root and Ada", "erase Root"],
  "disable Sam": ["demote Root", "erase Root"],
  "disable Root and Ada": ["demote Sam", "erase Sam", "enable Sam and Ada", "disable Sam and Ada"],
  "enable Sam and Ada": ["disable", "disable Sam", "erase"],
  "log Sam and Ada out": ["disable", "erase", "disable Sam"],
  "erase Root": ["demote Sam", "disable Sam", "erase Sam"],
  "erase Sam": ["demote Root", "erase Root", "disable Sam"],
});

eitherOrder("new users", scene, {
  "add Bob": ["add Bob", "register as Bob", "register with Bob's address", "import Bob", "delete a role"],
  "register as Bob": ["register as Bob", "register with Bob's address", "import Bob"],
  "import Bob": ["import Bob", "register as Bob", "register with Bob's address", "delete a role", "rename"],
});
