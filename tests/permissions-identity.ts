import { exampleBackup } from "@stoa/identity/backups/schema";
import { type Matrix, tableOf } from "./routes/matrix.ts";
import { firstCode, secondFactor } from "./routes/second-factor.ts";
import type { Person } from "./routes/stage.ts";

/** A user's own data and sessions, and what superusers may do with other users. */
export const identity: Matrix = {
  services: ["identity"],
  // Routes that anyone may call ignore an expired token, because they are how a client gets a new one.
  table: tableOf(`
                                                anonymous user superuser disabled ended
    POST   /auth/register                       201       201  201       201      201
    POST   /auth/signup                         201       201  201       201      201
    POST   /auth/login                          200       200  200       200      200
    POST   /auth/login + disabled               403       403  403       403      403
    POST   /auth/login + wrong                  401       401  401       401      401
    POST   /auth/refresh                        200       200  200       200      200
    PATCH  /auth/refresh                        200       200  200       200      200
    POST   /auth/refresh + ended                401       401  401       401      401
    POST   /auth/login + unfinished             401       401  401       401      401
    POST   /auth/mfa/verify                     200       200  200       200      200
    POST   /auth/login/external                 503       503  503       503      503
    POST   /user/login                          503       503  503       503      503
    POST   /auth/email/verify                   200       200  200       200      200
    POST   /auth/email/undo                     200       200  200       200      200
    POST   /auth/password/forgot                202       202  202       202      202
    POST   /auth/password/reset                 204       204  204       204      204
    GET    /auth/settings                       200       200  200       200      200
    GET    /verify-email                        200       200  200       200      200
    GET    /reset-password                      200       200  200       200      200
    GET    /accept-invitation                   200       200  200       200      200
    GET    /undo-email                          200       200  200       200      200
    GET    /pages/:name                         200       200  200       200      200
    GET    /.well-known/jwks.json               200       200  200       200      200
    GET    /.well-known/openid-configuration    200       200  200       200      200

    GET    /auth/me                             401       200  200       401      401
    PATCH  /auth/me                             401       200  200       401      401
    PUT    /auth/me                             401       200  200       401      401
    DELETE /auth/me                             401       204  204       401      401
    DELETE /auth/me + wrong                     401       403  403       401      401
    GET    /users/me                            401       200  200       401      401
    PATCH  /users/me                            401       200  200       401      401
    PUT    /users/me                            401       200  200       401      401
    DELETE /users/me                            401       204  204       401      401
    PUT    /auth/me/password                    401       204  204       401      401
    PUT    /auth/me/password + wrong            401       403  403       401      401
    PUT    /auth/me/password + confirmed        401       204  204       401      401
    PUT    /auth/me/password + unproven         401       403  403       401      401
    DELETE /auth/me + confirmed                 401       204  204       401      401
    DELETE /auth/me + unproven                  401       403  403       401      401
    PATCH  /auth/me + confirmed                 401       200  200       401      401
    PATCH  /auth/me + unproven                  401       403  403       401      401
    GET    /auth/me/audit                       401       200  200       401      401
    GET    /auth/me/export                      401       200  200       401      401
    POST   /auth/email/verification             401       202  202       401      401
    POST   /auth/logout                         401       204  204       401      401
    POST   /auth/logout-all                     401       204  204       401      401
    POST   /auth/reauthenticate                 401       200  200       401      401
    POST   /auth/reauthenticate + confirmed     401       403  403       401      401
    POST   /auth/reauthenticate + unproven      401       403  403       401      401
    GET    /auth/sessions                       401       200  200       401      401
    DELETE /auth/sessions/:id                   401       204  204       401      401
    DELETE /auth/sessions/:id + another's       401       404  404       401      401
    POST   /auth/sessions/:id/revoke            401       204  204       401      401
    POST   /auth/sessions/:id/revoke + another's 401      404  404       401      401
    POST   /auth/mfa/totp                       401       200  200       401      401
    POST   /auth/mfa/totp/confirm               401       200  200       401      401
    DELETE /auth/mfa/totp                       401       204  204       401      401
    DELETE /auth/mfa/totp + confirmed           401       204  204       401      401
    DELETE /auth/mfa/totp + unproven            401       403  403       401      401
    POST   /auth/mfa/recovery-codes             401       200  200       401      401
    POST   /auth/mfa/recovery-codes + confirmed 401       200  200       401      401
    POST   /auth/mfa/recovery-codes + unproven 401      403  403       401      401
    GET    /auth/directory                      401       200  200       401      401

    GET    /auth/users                          401       403  200       401      401
    POST   /auth/users                          401       403  201       401      401
    POST   /auth/users/bulk                     401       403  200       401      401
    POST   /auth/users/import                   401       403  200       401      401
    GET    /auth/users/:id                      401       403  200       401      401
    PATCH  /auth/users/:id                      401       403  200       401      401
    PUT    /auth/users/:id                      401       403  200       401      401
    DELETE /auth/users/:id                      401       403  204       401      401
    GET    /auth/users/:id/overview             401       403  200       401      401
    DELETE /auth/users/:id/throttle             401       403  204       401      401
    DELETE /auth/users/:id/mfa                  401       403  204       401      401
    DELETE /auth/users/:id/mfa + without        401       403  409       401      401
    PUT    /auth/users/:id/disable              401       403  200       401      401
    PUT    /auth/users/:id/enable               401       403  200       401      401
    PUT    /auth/users/:id/superuser            401       403  200       401      401
    GET    /auth/users/:id/roles                401       403  200       401      401
    PUT    /auth/users/:id/roles                401       403  200       401      401
    GET    /auth/users/:id/sessions             401       403  200       401      401
    DELETE /auth/users/:id/sessions             401       403  204       401      401
    DELETE /auth/users/:id/sessions/:session_id 401       403  204       401      401
    GET    /auth/roles                          401       403  200       401      401
    POST   /auth/roles                          401       403  201       401      401
    DELETE /auth/roles/:id                      401       403  204       401      401
    GET    /auth/audit                          401       403  200       401      401
    GET    /admin/backups                       401       403  200       401      401
    POST   /admin/backups                       401       403  201       401      401
    GET    /admin/backups/:id                   401       403  200       401      401
    GET    /auth/keys                           401       403  200       401      401
    POST   /auth/keys/rotate                    401       403  200       401      401
    POST   /auth/keys/:kid/revoke               401       403  404       401      401
  `),
  async scene(stage, { root, disabled, ended }, stoa) {
    const target = await stage.person();
    const people = new Map<string, Promise<Person>>();
    const superuser = async () => {
      const person = await stage.person();
      const sending = { token: root.token, params: { id: person.id }, json: { is_superuser: true } };
      await stage.must("PUT /auth/users/:id/superuser", sending);
      return person;
    };
    const someone = (role: string) => {
      const person = people.get(role) ?? (role === "superuser" ? superuser() : stage.person());
      people.set(role, person);
      return person;
    };
    const role = async (name: string) => stage.must("POST /auth/roles", { token: root.token, json: { name } });
    const unique = () => crypto.randomUUID().slice(0, 8);
    const newcomer = () => ({ json: { email: `${unique()}@example.com`, password: target.password } });
    const credentials = { username: target.username, password: target.password };
    /** Gives whoever asks a second factor, and a token that says so. */
    const protect = async (role: string) => {
      const { person } = await secondFactor(stage, await asking(role));
      people.set(role, Promise.resolve(person));
      return {};
    };
    /** Gives whoever asks a second factor, and leaves them the token from before it. */
    const confirmed = async <J>(role: string, json: (person: Person) => J) => {
      const person = await asking(role);
      await secondFactor(stage, person);
      return { json: json(person) };
    };
    /** The same in a session that has not proven the factor. */
    const byPassword = async <J>(role: string, json: (person: Person) => J) => {
      const sending = await confirmed(role, json);
      await stoa.unprove((await asking(role)).session_id);
      return sending;
    };
    const nothing = () => undefined;
    const chosen = ({ password }: Person) => ({
      current_password: password,
      new_password: "nine swans under the bridge",
    });
    const anotherAddress = () => ({ email: `${unique()}@example.com` });
    const known = ({ password }: Person) => ({ password });
    const asking = (role: string) => (role === "superuser" || role === "user" ? someone(role) : target);
    const own = async (caller: string) => ({ params: { id: (await someone(caller)).session_id } });
    const proven = async (caller: string) => ({ json: { password: (await someone(caller)).password } });
    const wrong = { json: { password: "not the password at all" } };
    const another = { params: { id: target.session_id } };
    const secretTo = async (ask: Parameters<typeof stage.must>) => {
      await stage.must(...ask);
      return stoa.mailedToken(`${target.username}@example.com`);
    };
    return {
      as: (caller) => {
        if (caller === "anonymous") return null;
        if (caller === "disabled") return disabled;
        return caller === "ended" ? ended : someone(caller);
      },
      params: { id: target.id, session_id: target.session_id, kid: "no-such-key", name: "style.css" },
      requests: {
        "POST /auth/register": newcomer,
        "POST /auth/signup": newcomer,
        "POST /auth/login": () => ({ json: credentials }),
        "POST /auth/login + disabled": async () => {
          await stage.must("PUT /auth/users/:id/disable", { token: root.token, params: { id: target.id } });
          return { json: credentials };
        },
        // Each role has another account, because the fifth failure for one would append an event.
        "POST /auth/login + wrong": (_asker) => ({ json: { ...credentials, password: "not the password at all" } }),
        "POST /auth/login + unfinished": async () => {
          await secondFactor(stage, target);
          return { json: credentials };
        },
        "POST /auth/mfa/verify": async () => {
          const { recovery_codes } = await secondFactor(stage, target);
          const { mfa_token } = await stage.refused("POST /auth/login", { json: credentials });
          return { json: { mfa_token, recovery_code: recovery_codes[0] } };
        },
        "POST /auth/mfa/totp/confirm": async (caller) => ({
          json: { code: await firstCode(stage, await asking(caller)) },
        }),
        "DELETE /auth/mfa/totp": protect,
        "DELETE /auth/mfa/totp + confirmed": (caller) => confirmed(caller, nothing),
        "DELETE /auth/mfa/totp + unproven": (caller) => byPassword(caller, nothing),
        "POST /auth/mfa/recovery-codes": protect,
        "POST /auth/mfa/recovery-codes + confirmed": (caller) => confirmed(caller, nothing),
        "POST /auth/mfa/recovery-codes + unproven": (caller) => byPassword(caller, nothing),
        "POST /auth/refresh": () => ({ json: { refresh_token: target.refresh_token } }),
        "PATCH /auth/refresh": () => ({ json: { refresh_token: target.refresh_token } }),
        "POST /auth/refresh + ended": async () => {
          await stage.must("POST /auth/logout", { token: target.token });
          return { json: { refresh_token: target.refresh_token } };
        },
        "POST /auth/email/verify": async () => ({
          json: { token: await secretTo(["POST /auth/email/verification", { token: target.token }]) },
        }),
        "POST /auth/email/undo": async () => {
          const json = { email: `${unique()}@example.com` };
          return { json: { token: await secretTo(["PATCH /auth/me", { token: target.token, json }]) } };
        },
        "POST /auth/password/reset": async () => {
          const json = { email: `${target.username}@example.com` };
          const token = await secretTo(["POST /auth/password/forgot", { json }]);
          return { json: { token, new_password: "nine swans under the bridge" } };
        },
        "DELETE /auth/me": proven,
        "DELETE /users/me": proven,
        "DELETE /auth/me + wrong": () => wrong,
        "PUT /auth/me/password": async (caller) => {
          const { password } = await someone(caller);
          return { json: { current_password: password, new_password: "nine swans under the bridge" } };
        },
        "PUT /auth/me/password + wrong": () => ({
          json: { current_password: "not the password at all", new_password: "nine swans under the bridge" },
        }),
        "PUT /auth/me/password + confirmed": (caller) => confirmed(caller, chosen),
        "PUT /auth/me/password + unproven": (caller) => byPassword(caller, chosen),
        "DELETE /auth/me + confirmed": (caller) => confirmed(caller, known),
        "DELETE /auth/me + unproven": (caller) => byPassword(caller, known),
        "PATCH /auth/me + confirmed": (caller) => confirmed(caller, anotherAddress),
        "PATCH /auth/me + unproven": (caller) => byPassword(caller, anotherAddress),
        "POST /auth/reauthenticate": proven,
        "POST /auth/reauthenticate + confirmed": (caller) => confirmed(caller, known),
        "POST /auth/reauthenticate + unproven": (caller) => byPassword(caller, known),
        "DELETE /auth/sessions/:id": own,
        "POST /auth/sessions/:id/revoke": own,
        "DELETE /auth/sessions/:id + another's": () => another,
        "POST /auth/sessions/:id/revoke + another's": () => another,
        "GET /auth/directory": () => ({ search: "q=ada" }),
        "GET /admin/backups/:id": () => ({ params: { id: exampleBackup.id } }),
        "POST /auth/users": newcomer,
        "POST /auth/users/bulk": () => ({ json: { ids: [target.id], action: "logout" } }),
        "PATCH /auth/users/:id": () => ({ json: { full_name: "Grace" } }),
        "PUT /auth/users/:id": () => ({ json: { full_name: "Grace" } }),
        "DELETE /auth/users/:id/mfa": async () => {
          await secondFactor(stage, target);
          return {};
        },
        "DELETE /auth/users/:id/mfa + without": () => ({}),
        "PUT /auth/users/:id/superuser": () => ({ json: { is_superuser: true } }),
        "PUT /auth/users/:id/roles": async () => ({ json: { roles: [(await role(`role-${unique()}`))["name"]] } }),
        "POST /auth/roles": () => ({ json: { name: `role-${unique()}` } }),
        "DELETE /auth/roles/:id": async () => ({ params: { id: (await role(`role-${unique()}`)).id } }),
      },
    };
  },
};
