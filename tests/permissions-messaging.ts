import { conversationOf } from "@stoa/messaging/conversations/of-project";
import { type Matrix, tableOf } from "./routes/matrix.ts";

/**
 * Conversations, messages, notifications and streams. A superuser has the rights of an owner in every group, but may not
 * read its messages. `former` has left what the request is about; `blocked` takes part, and the owner and the newcomer have
 * blocked them.
 */
export const messaging: Matrix = {
  services: ["messaging"],
  table: tableOf(`
                                                              anonymous  stranger  participant  former  blocked  owner  superuser  disabled  ended
    GET    /conversations                                     401        200       200          200     200      200    200        401       401
    POST   /conversations                                     401        201       201          201     403      201    201        401       401
    GET    /conversations/:id                                 401        403       200          403     200      200    200        401       401
    GET    /conversations/:id + direct                        401        403       200          403     200      200    403        401       401
    GET    /conversations/:id + project                       401        403       200          403     200      200    200        401       401
    PATCH  /conversations/:id                                 401        403       403          403     403      200    200        401       401
    PATCH  /conversations/:id + direct                        401        403       403          403     403      403    403        401       401
    PATCH  /conversations/:id + project                       401        403       409          403     409      409    409        401       401
    PUT    /conversations/:id                                 401        403       403          403     403      200    200        401       401
    DELETE /conversations/:id                                 401        403       204          403     204      204    403        401       401
    DELETE /conversations/:id + project                       401        403       409          403     409      409    403        401       401
    PUT    /conversations/:id/mute                            401        403       200          403     200      200    403        401       401
    DELETE /conversations/:id/mute                            401        403       204          403     204      204    403        401       401
    POST   /conversations/:id/read                            401        403       200          403     200      200    403        401       401
    PUT    /conversations/:id/participants/:user_id           401        403       403          403     403      200    200        401       401
    PUT    /conversations/:id/participants/:user_id + owner   401        403       403          403     403      200    200        401       401
    PUT    /conversations/:id/participants/:user_id + project 401        403       409          403     409      409    409        401       401
    DELETE /conversations/:id/participants/:user_id           401        403       403          403     403      204    204        401       401
    DELETE /conversations/:id/participants/:user_id + oneself 401        403       204          403     204      204    404        401       401
    DELETE /conversations/:id/participants/:user_id + project 401        403       409          403     409      409    409        401       401
    GET    /conversations/:id/messages                        401        403       200          403     200      200    403        401       401
    POST   /conversations/:id/messages                        401        403       201          403     201      201    403        401       401
    POST   /conversations/:id/messages + direct               401        403       201          403     403      201    403        401       401
    POST   /conversations/:id/messages + project              401        403       201          403     201      201    403        401       401
    POST   /messages                                          401        201       201          201     403      201    201        401       401
    GET    /messages                                          401        200       200          200     200      200    200        401       401
    GET    /messages + conversation                           401        403       200          403     200      200    403        401       401
    GET    /messages + task                                   401        403       200          403     200      200    403        401       401
    GET    /messages/counts                                   401        200       200          200     200      200    200        401       401
    GET    /messages/search                                   401        200       200          200     200      200    200        401       401
    GET    /messages/search + conversation                    401        403       200          403     200      200    403        401       401
    GET    /messages/search + task                            401        403       200          403     200      200    403        401       401
    GET    /follows/tasks/:id                                 401        403       200          403     200      200    403        401       401
    PUT    /follows/tasks/:id                                 401        403       200          403     200      200    403        401       401
    DELETE /follows/tasks/:id                                 401        403       204          403     204      204    403        401       401
    GET    /messages/unread                                   401        200       200          200     200      200    200        401       401
    GET    /messages/:id                                      401        403       200          403     200      200    403        401       401
    PUT    /messages/:id/read                                 401        403       200          403     200      200    403        401       401
    PATCH  /messages/:id                                      401        403       403          403     403      200    403        401       401
    PUT    /messages/:id                                      401        403       403          403     403      200    403        401       401
    DELETE /messages/:id                                      401        403       403          403     403      204    403        401       401
    GET    /messages/:id/history                              401        403       200          403     200      200    403        401       401
    GET    /notifications                                     401        200       200          200     200      200    200        401       401
    POST   /notifications/read                                401        204       204          204     204      204    204        401       401
    GET    /stream                                            401        200       200          200     200      200    200        401       401
    POST   /stream/ticket                                     401        200       200          200     200      200    200        401       401
    DELETE /messages/:id + reported                           401        403       403          403     403      204    204        401       401
    POST   /messages/:id/report                               401        403       201          403     201      201    403        401       401
    POST   /messages/erase                                    401        202       202          202     202      202    202        401       401
    GET    /reports                                           401        403       403          403     403      403    200        401       401
    GET    /reports/:id                                       401        403       403          403     403      403    200        401       401
    PATCH  /reports/:id                                       401        403       403          403     403      403    200        401       401
    PUT    /reports/:id                                       401        403       403          403     403      403    200        401       401
    GET    /blocks                                            401        200       200          200     200      200    200        401       401
    PUT    /blocks/:user_id                                   401        200       200          200     200      200    200        401       401
    PUT    /blocks/:user_id + oneself                         401        422       422          422     422      422    422        401       401
    DELETE /blocks/:user_id                                   401        204       204          204     204      204    204        401       401
    PUT    /messages/:id/reactions/:emoji                     401        403       200          403     200      200    403        401       401
    DELETE /messages/:id/reactions/:emoji                     401        403       200          403     200      200    403        401       401
    PUT    /messages/:id/pin                                  401        403       200          403     200      200    403        401       401
    DELETE /messages/:id/pin                                  401        403       200          403     200      200    403        401       401
    GET    /ws                                                401        426       426          426     426      426    426        401       401
    PUT    /conversations/:id/typing                          401        403       204          403     204      204    403        401       401
    PUT    /conversations/:id/typing + project                401        403       204          403     204      204    403        401       401
    GET    /presence                                          401        200       200          200     200      200    200        401       401
    PUT    /presence                                          401        200       200          200     200      200    200        401       401
    GET    /notifications/preferences                         401        200       200          200     200      200    200        401       401
    PATCH  /notifications/preferences                         401        200       200          200     200      200    200        401       401
    PUT    /notifications/preferences                         401        200       200          200     200      200    200        401       401
    GET    /conversations/:id/assistants                      401        403       200          403     200      200    403        401       401
    POST   /conversations/:id/assistants                      401        403       201          403     201      201    403        401       401
    POST   /conversations/:id/assistants + project            401        403       201          403     201      201    403        401       401
    DELETE /conversations/:id/assistants/:assistant_id        401        403       204          403     204      204    403        401       401
    POST   /messages/:id/cancel                               401        403       409          403     409      409    403        401       401
  `),
  async scene(stage, { root, stranger, disabled, ended, others }) {
    const [owner, participant, target, newcomer, former, blocked] = others;
    const { token } = owner;
    const people = { stranger, participant, former, blocked, owner, superuser: root, disabled, ended };
    const asked = (role: string) => Object.entries(people).find(([name]) => name === role)?.[1];
    const open = (json: object) => stage.must("POST /conversations", { token, json });
    const inIt = [participant.id, target.id, former.id, blocked.id];
    const { id } = await open({ type: "group", title: "Launch", participant_ids: inIt });
    const leave = (token: string, id: string) => stage.must("DELETE /conversations/:id", { token, params: { id } });
    await leave(former.token, id);
    const talk = { type: "direct", participant_ids: [blocked.id] };
    // Once they have blocked each other, they find the conversation that there was.
    const spoken = await open(talk);
    for (const { token } of [owner, newcomer]) {
      await stage.must("PUT /blocks/:user_id", { token, params: { user_id: blocked.id } });
    }
    const content = { content: "Ready?" };
    const message = await stage.must("POST /conversations/:id/messages", { token, params: { id }, json: content });
    const assistant = { name: "helper", model: "small", trigger: "mention" };
    const present = await stage.must("POST /conversations/:id/assistants", {
      token,
      params: { id },
      json: { ...assistant, name: "other" },
    });
    const project = async () => {
      const made = await stage.must("POST /projects", { token, json: { name: "Apollo" } });
      for (const { id: user_id } of [participant, target, former, blocked]) {
        const json = { user_id, role: "developer" };
        await stage.must("POST /projects/:id/users", { token, params: { id: made.id }, json });
      }
      const gone = { id: made.id, user_id: former.id };
      await stage.must("DELETE /projects/:id/users/:user_id", { token, params: gone });
      return { params: { id: conversationOf(made.id) } };
    };
    const discussed = async () => {
      const made = await stage.must("POST /projects", { token, json: { name: "Gemini" } });
      for (const { id: user_id } of [participant, blocked, former]) {
        const json = { user_id, role: "viewer" };
        await stage.must("POST /projects/:id/users", { token, params: { id: made.id }, json });
      }
      await stage.must("DELETE /projects/:id/users/:user_id", { token, params: { id: made.id, user_id: former.id } });
      return stage.must("POST /tasks", { token, json: { title: "Write it down", project_id: made.id } });
    };
    const followed = async () => ({ params: { id: (await discussed()).id } });
    const withParticipant = { type: "direct", participant_ids: [participant.id] };
    const direct = async (role: string) => {
      if (role === "blocked") return { params: { id: spoken.id } };
      if (role !== "former") return { params: { id: (await open(withParticipant)).id } };
      // A message brings it back to whoever had left it before.
      const { conversation_id } = await stage.must("POST /messages", {
        token,
        json: { recipient_id: former.id, ...content },
      });
      await leave(former.token, String(conversation_id));
      return { params: { id: String(conversation_id) } };
    };
    const ofMessage = () => ({ params: { id: message.id } });
    const reaction = () => ({ params: { id: message.id, emoji: encodeURIComponent("👍") } });
    const edit = () => ({ ...ofMessage(), json: { content: "Go." } });
    const oneself = (role: string) => {
      const caller = asked(role);
      return { params: { user_id: caller && "id" in caller ? caller.id : target.id } };
    };
    const report = () => {
      const { token } = participant;
      return stage.must("POST /messages/:id/report", { token, ...ofMessage(), json: { reason: "Look." } });
    };
    const resolve = async () => ({ params: { id: (await report()).id }, json: { status: "resolved" } });
    const retitle = { json: { title: "Landing" } };
    return {
      as: (role) => asked(role) ?? null,
      params: { id, user_id: target.id, assistant_id: present.id },
      requests: {
        "POST /conversations": () => ({ json: { type: "group", participant_ids: [newcomer.id] } }),
        "GET /conversations/:id + direct": direct,
        "GET /conversations/:id + project": project,
        "PATCH /conversations/:id": () => retitle,
        "PATCH /conversations/:id + direct": async (role) => ({ ...retitle, ...(await direct(role)) }),
        "PATCH /conversations/:id + project": async () => ({ ...retitle, ...(await project()) }),
        "PUT /conversations/:id": () => retitle,
        "DELETE /conversations/:id + project": project,
        "POST /conversations/:id/read": () => ({ json: { seq: 1 } }),
        "PUT /conversations/:id/participants/:user_id": () => ({ params: { user_id: newcomer.id } }),
        "PUT /conversations/:id/participants/:user_id + project": project,
        "PUT /conversations/:id/participants/:user_id + owner": () => ({ json: { role: "owner" } }),
        "DELETE /conversations/:id/participants/:user_id + oneself": oneself,
        "DELETE /conversations/:id/participants/:user_id + project": project,
        "POST /conversations/:id/assistants": () => ({ json: assistant }),
        "POST /conversations/:id/assistants + project": async () => ({ json: assistant, ...(await project()) }),
        "PUT /conversations/:id/typing + project": project,
        "GET /presence": () => ({ search: `user_ids=me,${target.id}` }),
        "POST /conversations/:id/messages": () => ({ json: content }),
        "POST /conversations/:id/messages + project": async () => ({ json: content, ...(await project()) }),
        "POST /conversations/:id/messages + direct": async (role) => ({ json: content, ...(await direct(role)) }),
        "POST /messages": () => ({ json: { recipient_id: newcomer.id, ...content } }),
        "DELETE /messages/:id + reported": async () => {
          await report();
          return ofMessage();
        },
        "POST /messages/:id/report": ofMessage,
        "GET /reports/:id": async () => ({ params: { id: (await report()).id } }),
        "PATCH /reports/:id": resolve,
        "PUT /reports/:id": resolve,
        "PUT /blocks/:user_id + oneself": oneself,
        "GET /messages + conversation": () => ({ search: `conversation_id=${id}` }),
        "GET /messages + task": async () => ({ search: `task_id=${(await discussed()).id}` }),
        "GET /messages/search": () => ({ search: "q=ready" }),
        "GET /messages/search + conversation": () => ({ search: `q=ready&conversation_id=${id}` }),
        "GET /messages/search + task": async () => ({ search: `q=ready&task_id=${(await discussed()).id}` }),
        "GET /messages/counts": async () => ({ search: `task_ids=${(await discussed()).id}` }),
        "GET /follows/tasks/:id": followed,
        "PUT /follows/tasks/:id": followed,
        "DELETE /follows/tasks/:id": followed,
        "GET /messages/:id": ofMessage,
        "PUT /messages/:id/read": ofMessage,
        "POST /messages/:id/cancel": ofMessage,
        "PATCH /messages/:id": edit,
        "PUT /messages/:id": edit,
        "DELETE /messages/:id": ofMessage,
        "GET /messages/:id/history": ofMessage,
        "PUT /messages/:id/reactions/:emoji": reaction,
        "DELETE /messages/:id/reactions/:emoji": reaction,
        "PUT /messages/:id/pin": ofMessage,
        "DELETE /messages/:id/pin": ofMessage,
        "POST /notifications/read": () => ({ json: { all: true } }),
      },
    };
  },
};
