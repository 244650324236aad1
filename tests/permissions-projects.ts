import { type Matrix, tableOf } from "./routes/matrix.ts";
import { itemsOf } from "./routes/stage.ts";

/** Projects, their members and tasks. The assignee is a viewer to whom the task is assigned. */
export const projects: Matrix = {
  services: ["projects"],
  table: tableOf(`
                                            anonymous stranger viewer assignee developer owner superuser disabled ended
    GET    /projects                        401       200      200    200      200       200   200       401      401
    POST   /projects                        401       201      201    201      201       201   201       401      401
    GET    /projects/:id                    401       403      200    200      200       200   200       401      401
    GET    /projects/:id + trashed          401       404      404    404      404       200   200       401      401
    PATCH  /projects/:id                    401       403      403    403      403       200   200       401      401
    PUT    /projects/:id                    401       403      403    403      403       200   200       401      401
    DELETE /projects/:id                    401       403      403    403      403       204   204       401      401
    POST   /projects/:id/restore            401       404      404    404      404       200   200       401      401
    GET    /projects/:id/users              401       403      200    200      200       200   200       401      401
    POST   /projects/:id/users              401       403      403    403      403       201   201       401      401
    POST   /projects/:id/users + change     401       403      403    403      403       200   200       401      401
    GET    /projects/:id/users/:user_id     401       403      200    200      200       200   200       401      401
    DELETE /projects/:id/users/:user_id     401       403      403    403      403       204   204       401      401
    DELETE /projects/:id/users/:user_id + oneself 401 403      204    204      204       204   404       401      401
    DELETE /projects/:id/users/:user_id + last 401    403      403    403      403       409   409       401      401
    GET    /projects/:id/export             401       403      200    200      200       200   200       401      401
    GET    /projects/:id/reports/summary           401       403      200    200      200       200   200       401      401
    GET    /projects/:id/reports/burndown          401       403      200    200      200       200   200       401      401
    GET    /projects/:id/reports/cumulative-flow   401       403      200    200      200       200   200       401      401
    GET    /projects/:id/reports/throughput        401       403      200    200      200       200   200       401      401
    GET    /projects/:id/reports/cycle-time        401       403      200    200      200       200   200       401      401
    GET    /projects/:id/reports/workload          401       403      200    200      200       200   200       401      401
    GET    /projects/:id/reports/overdue           401       403      200    200      200       200   200       401      401
    POST   /projects/fetch-projects         401       503      503    503      503       503   503       401      401
    POST   /data/save                       401       200      200    200      200       200   200       401      401
    GET    /projects/:id/views              401       403      200    200      200       200   200       401      401
    POST   /projects/:id/views              401       403      201    201      201       201   201       401      401
    POST   /projects/:id/views + shared     401       403      403    403      201       201   201       401      401
    GET    /projects/:id/views/:view_id     401       403      200    200      200       200   200       401      401
    GET    /projects/:id/views/:view_id + private 401 403      403    403      403       200   403       401      401
    PATCH  /projects/:id/views/:view_id     401       403      403    403      403       200   200       401      401
    PATCH  /projects/:id/views/:view_id + private 401 403      403    403      403       200   403       401      401
    PUT    /projects/:id/views/:view_id     401       403      403    403      403       200   200       401      401
    DELETE /projects/:id/views/:view_id     401       403      403    403      403       204   204       401      401
    DELETE /projects/:id/views/:view_id + private 401 403      403    403      403       204   403       401      401
    GET    /projects/:id/webhooks           401       403      403    403      403       200   200       401      401
    POST   /projects/:id/webhooks           401       403      403    403      403       201   201       401      401
    PATCH  /projects/:id/webhooks/:webhook_id 401     403      403    403      403       200   200       401      401
    PUT    /projects/:id/webhooks/:webhook_id 401     403      403    403      403       200   200       401      401
    DELETE /projects/:id/webhooks/:webhook_id 401     403      403    403      403       204   204       401      401
    GET    /projects/:id/webhooks/:webhook_id/deliveries 401 403 403  403      403       200   200       401      401
    POST   /projects/:id/webhooks/:webhook_id/deliveries/:delivery_id/redeliver 401 403 403 403 403 200 200 401   401
    GET    /tasks                           401       200      200    200      200       200   200       401      401
    GET    /tasks + project                 401       200      200    200      200       200   200       401      401
    POST   /tasks                           401       403      403    403      201       201   201       401      401
    POST   /tasks + personal                401       201      201    201      201       201   201       401      401
    GET    /tasks/:id                       401       403      200    200      200       200   200       401      401
    GET    /tasks/:id + personal            401       403      403    403      403       200   200       401      401
    GET    /tasks/:id + trashed             401       404      404    404      200       200   200       401      401
    GET    /tasks/:id + project-trashed     401       404      404    404      404       200   200       401      401
    PATCH  /tasks/:id                       401       403      403    403      200       200   200       401      401
    PATCH  /tasks/:id + personal            401       403      403    403      403       200   200       401      401
    PATCH  /tasks/:id + moved             401       403      403    403      200       200   200       401      401
    PATCH  /tasks/:id + foreign           401       403      403    403      403       200   200       401      401
    PUT    /tasks/:id                       401       403      403    403      200       200   200       401      401
    POST   /tasks/bulk                      401       403      403    403      200       200   200       401      401
    POST   /tasks/bulk + personal           401       403      403    403      403       200   200       401      401
    POST   /tasks/bulk + foreign          401       403      403    403      403       200   200       401      401
    DELETE /tasks/:id                       401       403      403    403      204       204   204       401      401
    DELETE /tasks/:id + personal            401       403      403    403      403       204   204       401      401
    POST   /tasks/:id/restore               401       404      404    404      200       200   200       401      401
    POST   /tasks/:id/restore + project-trashed 401   404      404    404      404       409   409       401      401
    PATCH  /tasks/:id/complete              401       403      403    200      200       200   200       401      401
    PUT    /tasks/:id/complete              401       403      403    200      200       200   200       401      401
    PATCH  /tasks/:id/complete + personal   401       403      403    403      403       200   200       401      401
    POST   /tasks/:id/reopen                401       403      403    200      200       200   200       401      401
    PATCH  /tasks/:id/move                  401       403      403    403      200       200   200       401      401
    PUT    /tasks/:id/move                  401       403      403    403      200       200   200       401      401
    PUT    /tasks/:id/assignees             401       403      403    403      200       200   200       401      401
    GET    /tasks/:id/logs                  401       403      200    200      200       200   200       401      401
    GET    /tasks/:id/logs + personal       401       403      403    403      403       200   200       401      401
    GET    /tasks/:id/worklogs              401       403      200    200      200       200   200       401      401
    GET    /tasks/:id/worklogs + personal   401       403      403    403      403       200   200       401      401
    POST   /tasks/:id/worklogs              401       403      403    201      201       201   201       401      401
    POST   /tasks/:id/worklogs + personal   401       403      403    403      403       201   201       401      401
    PATCH  /tasks/:id/worklogs/:worklog_id  401       403      403    403      200       403   403       401      401
    PATCH  /tasks/:id/worklogs/:worklog_id + assignee 401 403  403    200      403       403   403       401      401
    PUT    /tasks/:id/worklogs/:worklog_id  401       403      403    403      200       403   403       401      401
    DELETE /tasks/:id/worklogs/:worklog_id  401       403      403    403      204       403   403       401      401
    DELETE /tasks/:id/worklogs/:worklog_id + assignee 401 403  403    204      403       403   403       401      401
    GET    /tasks/:id/links                 401       403      200    200      200       200   200       401      401
    GET    /tasks/:id/links + personal      401       403      403    403      403       200   200       401      401
    POST   /tasks/:id/links                 401       403      403    403      201       201   201       401      401
    POST   /tasks/:id/links + unseen        401       403      403    403      403       201   201       401      401
    DELETE /tasks/:id/links/:link_id        401       403      403    403      204       204   204       401      401
  `),
  async scene(stage, cast, stoa) {
    const { root, stranger, disabled, ended } = cast;
    const [owner, developer, viewer, assignee, target, newcomer] = cast.others;
    const { token } = owner;
    const project = await stage.must("POST /projects", { token, json: { name: "Apollo" } });
    const params = { id: project.id };
    const add = (user_id: string, role: string) =>
      stage.must("POST /projects/:id/users", { token, params, json: { user_id, role } });
    await add(developer.id, "developer");
    for (const { id } of [viewer, assignee, target]) await add(id, "viewer");
    const json = { title: "Land", project_id: project.id, assignee_ids: [assignee.id] };
    const task = { id: (await stage.must("POST /tasks", { token, json })).id };
    const hooks = { url: "https://hooks.example.com/", events: ["task.created"] };
    const hook = async () => ({
      params: { webhook_id: (await stage.must("POST /projects/:id/webhooks", { token, params, json: hooks })).id },
    });
    const pause = async () => ({ ...(await hook()), json: { is_active: false } });
    const delivery = async () => {
      const { params: made } = await hook();
      await stage.must("POST /tasks", { token, json: { title: "Land", project_id: project.id } });
      await stoa.fanOut();
      const at = { token, params: { ...params, ...made } };
      const found = await stage.must("GET /projects/:id/webhooks/:webhook_id/deliveries", at);
      return { params: { ...made, delivery_id: itemsOf({ body: found })[0]?.id ?? "" } };
    };
    const filter = { status: "pending" };
    const view = async (is_shared: boolean) => ({
      params: {
        view_id: (
          await stage.must("POST /projects/:id/views", { token, params, json: { name: "V", filter, is_shared } })
        ).id,
      },
    });
    const [shared, secret] = [() => view(true), () => view(false)];
    const named = async (made: { params: { view_id: string } }) => ({ ...made, json: { name: "W" } });
    const personal = async () => ({
      params: { id: (await stage.must("POST /tasks", { token, json: { title: "Call home" } })).id },
    });
    const trashed = async () => {
      await stage.must("DELETE /tasks/:id", { token, params: task });
      return { params: task };
    };
    const withProject = async () => {
      await stage.must("DELETE /projects/:id", { token, params });
      return { params: task };
    };
    const people = { stranger, viewer, assignee, developer, owner, superuser: root, disabled, ended };
    const asked = (role: string) => Object.entries(people).find(([name]) => name === role)?.[1];
    const begin = () => ({ params: task, json: { status: "in_progress" } });
    const ofTask = () => ({ params: task });
    const workOf = async (person: { readonly token: string }) => {
      const json = { minutes: 30 };
      const { id } = await stage.must("POST /tasks/:id/worklogs", { token: person.token, params: task, json });
      return { params: { ...task, worklog_id: id } };
    };
    const shorten = async (work: ReturnType<typeof workOf>) => ({ ...(await work), json: { minutes: 20 } });
    const elsewhere = async (developing?: { readonly id: string }) => {
      const { id } = await stage.must("POST /projects", { token, json: { name: "Gemini" } });
      const json = { user_id: developing?.id, role: "developer" };
      if (developing) await stage.must("POST /projects/:id/users", { token, params: { id }, json });
      return { project_id: id };
    };
    const another = () => stage.must("POST /tasks", { token, json: { title: "Fuel", project_id: project.id } });
    const link = (to: { readonly id: string }) => ({ params: task, json: { type: "blocks", task_id: to.id } });
    const rename = async (task: { params: { id: string } }) => ({ ...task, json: { title: "Take off" } });
    return {
      as: (role) => asked(role) ?? null,
      params: { ...params, user_id: target.id },
      requests: {
        "POST /projects": () => ({ json: { name: "Gemini" } }),
        "GET /projects/:id + trashed": async () => {
          await stage.must("DELETE /projects/:id", { token, params });
          return {};
        },
        "PATCH /projects/:id": () => ({ json: { name: "Gemini" } }),
        "PUT /projects/:id": () => ({ json: { name: "Gemini" } }),
        "POST /projects/:id/restore": async () => {
          await stage.must("DELETE /projects/:id", { token, params });
          return {};
        },
        "POST /projects/:id/users": () => ({ json: { user_id: newcomer.id, role: "viewer" } }),
        "POST /projects/:id/users + change": () => ({ json: { user_id: target.id, role: "owner" } }),
        "DELETE /projects/:id/users/:user_id + oneself": async (role) => {
          await add(target.id, "owner");
          const caller = asked(role);
          return { params: { user_id: caller && "id" in caller ? caller.id : target.id } };
        },
        "DELETE /projects/:id/users/:user_id + last": () => ({ params: { user_id: owner.id } }),
        "POST /projects/:id/webhooks": () => ({ json: hooks }),
        "PATCH /projects/:id/webhooks/:webhook_id": pause,
        "PUT /projects/:id/webhooks/:webhook_id": pause,
        "DELETE /projects/:id/webhooks/:webhook_id": hook,
        "GET /projects/:id/webhooks/:webhook_id/deliveries": hook,
        "POST /projects/:id/webhooks/:webhook_id/deliveries/:delivery_id/redeliver": delivery,
        "POST /projects/:id/views": () => ({ json: { name: "V", filter } }),
        "POST /projects/:id/views + shared": () => ({ json: { name: "V", filter, is_shared: true } }),
        "GET /projects/:id/views/:view_id": shared,
        "GET /projects/:id/views/:view_id + private": secret,
        "PATCH /projects/:id/views/:view_id": async () => named(await shared()),
        "PATCH /projects/:id/views/:view_id + private": async () => named(await secret()),
        "PUT /projects/:id/views/:view_id": async () => named(await shared()),
        "DELETE /projects/:id/views/:view_id": shared,
        "DELETE /projects/:id/views/:view_id + private": secret,
        "GET /tasks + project": () => ({ search: `project_id=${project.id}` }),
        "POST /tasks": () => ({ json: { title: "Take off", project_id: project.id } }),
        "POST /tasks + personal": () => ({ json: { title: "Take off" } }),
        "GET /tasks/:id": ofTask,
        "GET /tasks/:id + personal": personal,
        "GET /tasks/:id + trashed": trashed,
        "GET /tasks/:id + project-trashed": withProject,
        "PATCH /tasks/:id": () => rename(ofTask()),
        "PATCH /tasks/:id + personal": async () => rename(await personal()),
        "PATCH /tasks/:id + moved": async () => ({ params: task, json: await elsewhere(developer) }),
        "PATCH /tasks/:id + foreign": async () => ({ params: task, json: await elsewhere() }),
        "POST /tasks/bulk": () => ({ json: { ids: [task.id], patch: { title: "Take off" } } }),
        "POST /tasks/bulk + personal": async () => {
          const { id } = (await personal()).params;
          return { json: { ids: [task.id, id], patch: { title: "Take off" } } };
        },
        "POST /tasks/bulk + foreign": async () => ({ json: { ids: [task.id], patch: await elsewhere() } }),
        "PUT /tasks/:id": () => rename(ofTask()),
        "DELETE /tasks/:id": ofTask,
        "DELETE /tasks/:id + personal": personal,
        "POST /tasks/:id/restore": trashed,
        "POST /tasks/:id/restore + project-trashed": withProject,
        "PATCH /tasks/:id/complete": ofTask,
        "PUT /tasks/:id/complete": ofTask,
        "PATCH /tasks/:id/complete + personal": personal,
        "POST /tasks/:id/reopen": async () => {
          await stage.must("PATCH /tasks/:id/complete", { token, params: task });
          return { params: task };
        },
        "PATCH /tasks/:id/move": begin,
        "PUT /tasks/:id/move": begin,
        "PUT /tasks/:id/assignees": () => ({ params: task, json: { user_ids: [target.id] } }),
        "GET /tasks/:id/logs": ofTask,
        "GET /tasks/:id/logs + personal": personal,
        "GET /tasks/:id/worklogs": ofTask,
        "GET /tasks/:id/worklogs + personal": personal,
        "POST /tasks/:id/worklogs": () => ({ params: task, json: { minutes: 30 } }),
        "POST /tasks/:id/worklogs + personal": async () => ({ ...(await personal()), json: { minutes: 30 } }),
        "PATCH /tasks/:id/worklogs/:worklog_id": () => shorten(workOf(developer)),
        "PATCH /tasks/:id/worklogs/:worklog_id + assignee": () => shorten(workOf(assignee)),
        "PUT /tasks/:id/worklogs/:worklog_id": () => shorten(workOf(developer)),
        "GET /tasks/:id/links": ofTask,
        "GET /tasks/:id/links + personal": personal,
        "POST /tasks/:id/links": async () => link(await another()),
        "POST /tasks/:id/links + unseen": async () => link((await personal()).params),
        "DELETE /tasks/:id/links/:link_id": async () => {
          const { id } = await stage.must("POST /tasks/:id/links", { token, ...link(await another()) });
          return { params: { ...task, link_id: id } };
        },
        "DELETE /tasks/:id/worklogs/:worklog_id": () => workOf(developer),
        "DELETE /tasks/:id/worklogs/:worklog_id + assignee": () => workOf(assignee),
      },
    };
  },
};
