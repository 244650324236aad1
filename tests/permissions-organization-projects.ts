import { type Matrix, tableOf } from "./routes/matrix.ts";

/**
 * Projects of an organization. Its owners and admins have the rights of a project's owner, its other members those of a
 * viewer. Here `owner` owns the project and is a plain member of the organization.
 */
export const organizationProjects: Matrix = {
  services: ["projects"],
  table: tableOf(`
                                                      anonymous stranger orgmember orgadmin orgowner owner superuser
    POST   /projects + organization's                 401       403      201       201      201      201   201
    GET    /projects/:id + organization's             401       403      200       200      200      200   200
    PATCH  /projects/:id + organization's             401       403      403       200      200      200   200
    PATCH  /projects/:id + out                        401       403      403       200      200      403   200
    PATCH  /projects/:id + another                    401       403      403       403      200      403   200
    DELETE /projects/:id + organization's             401       403      403       204      204      204   204
    POST   /projects/:id/restore + organization's     401       404      404       200      200      200   200
    GET    /projects/:id/users + organization's       401       403      200       200      200      200   200
    POST   /projects/:id/users + organization's       401       403      403       201      201      201   201
    DELETE /projects/:id/users/:user_id + organization's 401    403      403       204      204      204   204
    GET    /projects/:id/views + organization's       401       403      200       200      200      200   200
    POST   /projects/:id/views + organization's       401       403      403       201      201      201   201
    GET    /projects/:id/webhooks + organization's    401       403      403       200      200      200   200
    POST   /tasks + organization's                    401       403      403       201      201      201   201
    GET    /tasks/:id + organization's                401       403      200       200      200      200   200
    PATCH  /tasks/:id + organization's                401       403      403       200      200      200   200
    DELETE /tasks/:id + organization's                401       403      403       204      204      204   204
    PATCH  /tasks/:id/complete + organization's       401       403      403       200      200      200   200
    PATCH  /tasks/:id/move + organization's           401       403      403       200      200      200   200
    PUT    /tasks/:id/assignees + organization's      401       403      403       200      200      200   200
    GET    /tasks/:id/logs + organization's           401       403      200       200      200      200   200
  `),
  async scene(stage, { root, stranger, others }) {
    const [orgowner, orgadmin, orgmember, owner, target, newcomer] = others;
    const inOrganization = { token: orgowner.token, json: { name: `Engines ${crypto.randomUUID()}` } };
    const { id: organization_id } = await stage.must("POST /organizations", inOrganization);
    for (const [{ id: user_id }, role] of [
      [orgadmin, "admin"],
      [orgmember, "member"],
      [owner, "member"],
    ] as const) {
      const sending = { token: orgowner.token, params: { id: organization_id }, json: { user_id, role } };
      await stage.must("POST /organizations/:id/members", sending);
    }
    const { id: another } = await stage.must("POST /organizations", inOrganization);
    const { token } = owner;
    const { id } = await stage.must("POST /projects", {
      token,
      // Each scene's project can be moved to where those of others are.
      json: { name: "Apollo", key: `K${crypto.randomUUID().slice(0, 8)}`, organization_id },
    });
    const params = { id };
    await stage.must("POST /projects/:id/users", { token, params, json: { user_id: target.id, role: "developer" } });
    const task = { id: (await stage.must("POST /tasks", { token, json: { title: "Land", project_id: id } })).id };
    const people = { stranger, orgmember, orgadmin, orgowner, owner, superuser: root };
    const asked = (role: string) => Object.entries(people).find(([name]) => name === role)?.[1];
    return {
      as: (role) => asked(role) ?? null,
      params: { id, user_id: target.id },
      requests: {
        "POST /projects": () => ({ json: { name: "Gemini", organization_id } }),
        "PATCH /projects/:id": () => ({ json: { name: "Gemini" } }),
        "PATCH /projects/:id + out": () => ({ json: { organization_id: null } }),
        "PATCH /projects/:id + another": () => ({ json: { organization_id: another } }),
        "POST /projects/:id/restore": async () => {
          await stage.must("DELETE /projects/:id", { token, params });
          return {};
        },
        "POST /projects/:id/users": () => ({ json: { user_id: newcomer.id, role: "viewer" } }),
        "POST /projects/:id/views": () => ({ json: { name: "V", filter: {}, is_shared: true } }),
        "POST /tasks": () => ({ json: { title: "Take off", project_id: id } }),
        "GET /tasks/:id": () => ({ params: task }),
        "PATCH /tasks/:id": () => ({ params: task, json: { title: "Take off" } }),
        "DELETE /tasks/:id": () => ({ params: task }),
        "PATCH /tasks/:id/complete": () => ({ params: task }),
        "PATCH /tasks/:id/move": () => ({ params: task, json: { status: "in_progress" } }),
        "PUT /tasks/:id/assignees": () => ({ params: task, json: { user_ids: [target.id] } }),
        "GET /tasks/:id/logs": () => ({ params: task }),
      },
    };
  },
};
