import { conversationOf } from "@stoa/messaging/conversations/of-project";
import { messaging } from "./permissions-messaging.ts";
import { type Matrix, tableOf } from "./routes/matrix.ts";

/**
 * The routes of messaging for two who stand apart: `former` took part in the group, the direct conversation and the project
 * before, and has left; `blocked` takes part, and the owner and the newcomer have blocked them. What a row sends, and in
 * which scene, is said by the matrix of messaging.
 */
export const messagingApart: Matrix = {
  services: ["messaging"],
  table: tableOf(`
                                                              former blocked
    GET    /conversations                                     200    200
    POST   /conversations                                     201    403
    GET    /conversations/:id                                 403    200
    GET    /conversations/:id + direct                        403    200
    GET    /conversations/:id + project                       403    200
    PATCH  /conversations/:id                                 403    403
    PATCH  /conversations/:id + direct                        403    403
    PATCH  /conversations/:id + project                       403    409
    PUT    /conversations/:id                                 403    403
    DELETE /conversations/:id                                 403    204
    DELETE /conversations/:id + project                       403    409
    PUT    /conversations/:id/mute                            403    200
    DELETE /conversations/:id/mute                            403    204
    POST   /conversations/:id/read                            403    200
    PUT    /conversations/:id/participants/:user_id           403    403
    PUT    /conversations/:id/participants/:user_id + owner   403    403
    PUT    /conversations/:id/participants/:user_id + project 403    409
    DELETE /conversations/:id/participants/:user_id           403    403
    DELETE /conversations/:id/participants/:user_id + oneself 403    204
    DELETE /conversations/:id/participants/:user_id + project 403    409
    GET    /conversations/:id/messages                        403    200
    POST   /conversations/:id/messages                        403    201
    POST   /conversations/:id/messages + direct               403    403
    POST   /conversations/:id/messages + project              403    201
    POST   /messages                                          201    403
    GET    /messages                                          200    200
    GET    /messages + conversation                           403    200
    GET    /messages/unread                                   200    200
    GET    /messages/:id                                      403    200
    PUT    /messages/:id/read                                 403    200
    PATCH  /messages/:id                                      403    403
    PATCH  /messages/:id + own                                403    200
    PATCH  /messages/:id + direct                             403    403
    PUT    /messages/:id                                      403    403
    DELETE /messages/:id                                      403    403
    DELETE /messages/:id + own                                403    204
    GET    /messages/:id/history                              403    200
    GET    /notifications                                     200    200
    POST   /notifications/read                                204    204
    GET    /stream                                            200    200
    POST   /stream/ticket                                     200    200
    DELETE /messages/:id + reported                           403    403
    POST   /messages/:id/report                               403    201
    POST   /messages/erase                                    202    202
    GET    /reports                                           403    403
    GET    /reports/:id                                       403    403
    PATCH  /reports/:id                                       403    403
    PUT    /reports/:id                                       403    403
    GET    /blocks                                            200    200
    PUT    /blocks/:user_id                                   200    200
    DELETE /blocks/:user_id                                   204    204
  `),
  async scene(stage, cast, stoa) {
    const scene = await messaging.scene(stage, cast, stoa);
    const [owner, , , newcomer, former, blocked] = cast.others;
    const { token } = owner;
    const as = (role: string) => (role === "former" ? former : blocked);
    const { id = "" } = scene.params;
    for (const { id: user_id } of [former, blocked]) {
      const params = { id, user_id };
      await stage.must("PUT /conversations/:id/participants/:user_id", { token, params, json: { role: "member" } });
    }
    const say = async ({ token }: { token: string }, json: object = {}) =>
      stage.must("POST /conversations/:id/messages", { token, params: { id }, json: { content: "Ready?", ...json } });
    const own = { former: await say(former), blocked: await say(blocked) };
    const unblock = ({ token }: { token: string }) =>
      stage.must("DELETE /blocks/:user_id", { token, params: { user_id: blocked.id } });
    const direct = async (other: { id: string; token: string }) => {
      const json = { recipient_id: owner.id, content: "Hello" };
      return stage.must("POST /messages", { token: other.token, json });
    };
    for (const person of [owner, newcomer]) await unblock(person);
    const said = { former: await direct(former), blocked: await direct(blocked) };
    const leave = (id: string) => stage.must("DELETE /conversations/:id", { token: former.token, params: { id } });
    await leave(id);
    await leave(String(said.former["conversation_id"]));
    for (const { token } of [owner, newcomer]) {
      await stage.must("PUT /blocks/:user_id", { token, params: { user_id: blocked.id } });
    }
    const of = <T>(each: { former: T; blocked: T }, role: string) => (role === "former" ? each.former : each.blocked);
    const inDirect = (role: string) => ({ params: { id: String(of(said, role)["conversation_id"]) } });
    const ofOwn = (role: string) => ({ params: { id: of(own, role).id } });
    const ofDirect = (role: string) => ({ params: { id: of(said, role).id } });
    const project = async () => {
      const { id: project_id } = await stage.must("POST /projects", { token, json: { name: "Apollo" } });
      const params = { id: project_id };
      for (const { id: user_id } of [former, blocked]) {
        await stage.must("POST /projects/:id/users", { token, params, json: { user_id, role: "developer" } });
      }
      await stage.must("DELETE /projects/:id/users/:user_id", { token, params: { ...params, user_id: former.id } });
      return { params: { id: conversationOf(project_id), user_id: blocked.id } };
    };
    const retitle = { json: { title: "Landing" } };
    const content = { json: { content: "Go." } };
    return {
      as,
      params: scene.params,
      requests: {
        ...scene.requests,
        "GET /conversations/:id + direct": inDirect,
        "GET /conversations/:id + project": project,
        "PATCH /conversations/:id + direct": (role) => ({ ...retitle, ...inDirect(role) }),
        "PATCH /conversations/:id + project": async () => ({ ...retitle, ...(await project()) }),
        "DELETE /conversations/:id + project": project,
        "PUT /conversations/:id/participants/:user_id + project": project,
        "DELETE /conversations/:id/participants/:user_id + oneself": (role) => ({ params: { user_id: as(role).id } }),
        "DELETE /conversations/:id/participants/:user_id + project": project,
        "POST /conversations/:id/messages + direct": (role) => ({ ...content, ...inDirect(role) }),
        "POST /conversations/:id/messages + project": async () => ({ ...content, ...(await project()) }),
        "PATCH /messages/:id + own": (role) => ({ ...content, ...ofOwn(role) }),
        "PATCH /messages/:id + direct": (role) => ({ ...content, ...ofDirect(role) }),
        "DELETE /messages/:id + own": ofOwn,
      },
    };
  },
};
