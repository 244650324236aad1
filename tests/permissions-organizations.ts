import { type Matrix, tableOf } from "./routes/matrix.ts";

/** Organizations, their members and invitations. */
export const organizations: Matrix = {
  services: ["identity"],
  table: tableOf(`
                                                              anonymous stranger member admin owner superuser disabled ended
    GET    /organizations                                     401       200      200    200   200   200       401      401
    POST   /organizations                                     401       201      201    201   201   201       401      401
    GET    /organizations/:id                                 401       403      200    200   200   200       401      401
    PATCH  /organizations/:id                                 401       403      403    200   200   200       401      401
    PUT    /organizations/:id                                 401       403      403    200   200   200       401      401
    DELETE /organizations/:id                                 401       403      403    403   204   204       401      401
    GET    /organizations/:id/members                         401       403      200    200   200   200       401      401
    POST   /organizations/:id/members                         401       403      403    201   201   201       401      401
    POST   /organizations/:id/members + owner                 401       403      403    403   201   201       401      401
    GET    /organizations/:id/members/:user_id                401       403      200    200   200   200       401      401
    PATCH  /organizations/:id/members/:user_id                401       403      403    200   200   200       401      401
    PUT    /organizations/:id/members/:user_id                401       403      403    200   200   200       401      401
    PATCH  /organizations/:id/members/:user_id + promotion    401       403      403    403   200   200       401      401
    PATCH  /organizations/:id/members/:user_id + owner        401       403      403    403   200   200       401      401
    DELETE /organizations/:id/members/:user_id                401       403      403    204   204   204       401      401
    DELETE /organizations/:id/members/:user_id + owner        401       403      403    403   204   204       401      401
    DELETE /organizations/:id/members/:user_id + oneself      401       403      204    204   204   404       401      401
    DELETE /organizations/:id/members/:user_id + last         401       403      403    403   409   409       401      401
    GET    /organizations/:id/invitations                     401       403      403    200   200   200       401      401
    POST   /organizations/:id/invitations                     401       403      403    201   201   201       401      401
    POST   /organizations/:id/invitations + owner             401       403      403    403   201   201       401      401
    GET    /organizations/:id/invitations/:invitation_id      401       403      403    200   200   200       401      401
    DELETE /organizations/:id/invitations/:invitation_id      401       403      403    204   204   204       401      401
    POST   /organizations/:id/invitations/:invitation_id/resend 401     403      403    200   200   200       401      401
    GET    /invitations                                       401       200      200    200   200   200       401      401
    POST   /invitations/:id/accept                            401       200      403    403   403   403       401      401
    POST   /invitations/:id/decline                           401       200      403    403   403   403       401      401
    POST   /invitations/accept                                401       200      403    403   403   403       401      401
    POST   /invitations/accept + another's                    401       403      403    403   403   403       401      401
  `),
  async scene(stage, cast, stoa) {
    const { root, stranger, disabled, ended } = cast;
    const [owner, admin, member, target, second, newcomer] = cast.others;
    const { token } = owner;
    const { id } = await stage.must("POST /organizations", { token, json: { name: `Engines ${crypto.randomUUID()}` } });
    const add = ({ id: user_id }: { id: string }, role: string) =>
      stage.must("POST /organizations/:id/members", { token, params: { id }, json: { user_id, role } });
    await add(admin, "admin");
    await add(member, "member");
    await add(target, "member");
    const invite = (email: string) =>
      stage.must("POST /organizations/:id/invitations", { token, params: { id }, json: { email, role: "member" } });
    // Whoever has not verified their own address invites five a day.
    await stage.must("PATCH /auth/users/:id", {
      token: root.token,
      params: { id: owner.id },
      json: { email_verified: true },
    });
    await stage.must("PATCH /auth/users/:id", {
      token: root.token,
      params: { id: admin.id },
      json: { email_verified: true },
    });
    const guest = () => `guest-${crypto.randomUUID().slice(0, 8)}@example.com`;
    /** An invitation to the stranger, whose address is verified. */
    const toStranger = async () => {
      const params = { id: stranger.id };
      await stage.must("PATCH /auth/users/:id", { token: root.token, params, json: { email_verified: true } });
      // An inviter mails one address five times an hour at most.
      const inviter = await stage.person();
      await add(inviter, "admin");
      const { id: invitation } = await stage.must("POST /organizations/:id/invitations", {
        token: inviter.token,
        params: { id },
        json: { email: `${stranger.username}@example.com`, role: "member" },
      });
      return { params: { id: invitation } };
    };
    const secondOwner = async () => {
      await add(second, "owner");
      return { params: { user_id: second.id } };
    };
    const people = { stranger, member, admin, owner, superuser: root, disabled, ended };
    const asked = (role: string) => Object.entries(people).find(([name]) => name === role)?.[1];
    return {
      as: (role) => asked(role) ?? null,
      params: { id, user_id: target.id },
      requests: {
        "POST /organizations": () => ({ json: { name: `Looms ${crypto.randomUUID()}` } }),
        "PATCH /organizations/:id": () => ({ json: { name: "Looms" } }),
        "PUT /organizations/:id": () => ({ json: { name: "Looms" } }),
        "POST /organizations/:id/members": () => ({ json: { user_id: newcomer.id, role: "admin" } }),
        "POST /organizations/:id/members + owner": () => ({ json: { user_id: newcomer.id, role: "owner" } }),
        "PATCH /organizations/:id/members/:user_id": () => ({ json: { role: "admin" } }),
        "PUT /organizations/:id/members/:user_id": () => ({ json: { role: "admin" } }),
        "PATCH /organizations/:id/members/:user_id + promotion": () => ({ json: { role: "owner" } }),
        "PATCH /organizations/:id/members/:user_id + owner": async () => ({
          ...(await secondOwner()),
          json: { role: "member" },
        }),
        "DELETE /organizations/:id/members/:user_id + owner": secondOwner,
        "DELETE /organizations/:id/members/:user_id + oneself": async (role) => {
          await secondOwner();
          const caller = asked(role);
          return { params: { user_id: caller && "id" in caller ? caller.id : target.id } };
        },
        "DELETE /organizations/:id/members/:user_id + last": () => ({ params: { user_id: owner.id } }),
        "POST /organizations/:id/invitations": () => ({ json: { email: guest(), role: "admin" } }),
        "POST /organizations/:id/invitations + owner": () => ({ json: { email: guest(), role: "owner" } }),
        "GET /organizations/:id/invitations/:invitation_id": async () => ({
          params: { invitation_id: (await invite(guest())).id },
        }),
        "DELETE /organizations/:id/invitations/:invitation_id": async () => ({
          params: { invitation_id: (await invite(guest())).id },
        }),
        "POST /organizations/:id/invitations/:invitation_id/resend": async () => ({
          params: { invitation_id: (await invite(guest())).id },
        }),
        "POST /invitations/:id/accept": toStranger,
        "POST /invitations/:id/decline": toStranger,
        "POST /invitations/accept": async () => {
          await invite(`${stranger.username}@example.com`);
          return { json: { token: await stoa.mailedToken(`${stranger.username}@example.com`) } };
        },
        "POST /invitations/accept + another's": async () => {
          const email = guest();
          await invite(email);
          return { json: { token: await stoa.mailedToken(email) } };
        },
      },
    };
  },
};
