import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Client, type Person, signUp } from "./client.ts";
import type { EventSocket } from "./event-socket.ts";
import { startDistributed } from "./topologies/compose.ts";
import { startStandalone } from "./topologies/standalone.ts";
import type { Topology } from "./topologies/topology.ts";
import { withinASecond } from "./within-a-second.ts";

/** How long a whole topology may take to start or to stop; milliseconds. */
const START_MS = 60_000;

/** What must hold on streams and sockets that are open, in one process and over NATS. */
describe.each([
  ["standalone", () => startStandalone()],
  ["distributed, with two instances of messaging", () => startDistributed({ replicas: { messaging: 2 } })],
] as const)("%s", (_, start) => {
  let topology: Topology;
  let ana: Person;
  let root: Client;
  beforeAll(async () => {
    topology = await start();
    ana = await signUp(topology.gatewayUrl, "ana");
    const { email, password } = topology.superuser;
    const anonymous = new Client(topology.gatewayUrl);
    const body = { username: email, password };
    const { access_token } = await anonymous.must<{ access_token: string }>(200, "POST", "/api/v1/auth/login", body);
    root = new Client(topology.gatewayUrl, access_token);
  }, START_MS);
  afterAll(() => topology?.stop(), START_MS);

  /** Opens a stream and a socket. */
  const open = async (person: Person) => {
    const [stream, socket] = [await person.stream(), await person.socket()];
    const both = [stream, socket] as const;
    await withinASecond(async () => both.every((its) => its.named("ready").length === 1));
    return { stream, socket, both };
  };
  /** Looks after messaging has answered a request. */
  const answered = (look: () => boolean) => async () => {
    await ana.get("/api/v1/notifications");
    return look();
  };

  test("within a second access ends with a session that is revoked", async () => {
    const ben = await signUp(topology.gatewayUrl, "ben");
    const other = await open(ben);
    const anonymous = new Client(ben.base);
    const login = { username: ben.username, password: ben.password };
    const session = await anonymous.must<{ session_id: string; access_token: string }>(
      200,
      "POST",
      "/api/v1/auth/login",
      login,
    );
    const phone = Object.assign(new Client(ben.base, session.access_token), { ...ben, token: session.access_token });
    const { both, socket } = await open(phone as Person);
    await ben.must(204, "DELETE", `/api/v1/auth/sessions/${session.session_id}`);
    await withinASecond(answered(() => both.every(({ ended }) => ended)));
    expect(socket.closed).toBe("4102 session_revoked");
    expect(other.both.map(({ ended }) => ended)).toEqual([false, false]);
    for (const its of other.both) its.cut();
  });

  test("within a second access ends for a user who is disabled", async () => {
    const ben = await signUp(topology.gatewayUrl, "ben");
    const { both, socket } = await open(ben);
    await root.must(200, "PUT", `/api/v1/auth/users/${ben.id}/disable`);
    await withinASecond(answered(() => both.every(({ ended }) => ended)));
    expect(socket.closed).toBe("4102 session_revoked");
  });

  const conversationOf = (project: { id: string }) =>
    withinASecond(async () => {
      const { items } = await ana.must<{ items: { id: string; project_id: string | null }[] }>(
        200,
        "GET",
        "/api/v1/conversations",
      );
      return items.find(({ project_id }) => project_id === project.id)?.id;
    });

  /** Makes a conversation with someone in it; returns its id, and what takes them out of it. */
  const ways = {
    "a project": async ({ id }: Person) => {
      const project = await ana.must<{ id: string }>(201, "POST", "/api/v1/projects", { name: "Harbour" });
      const users = `/api/v1/projects/${project.id}/users`;
      await ana.must(201, "POST", users, { user_id: id, role: "developer" });
      return [await conversationOf(project), `${users}/${id}`];
    },
    "an organization": async ({ id, username }: Person) => {
      const organization = await ana.must<{ id: string }>(201, "POST", "/api/v1/organizations", { name: "Works" });
      const members = `/api/v1/organizations/${organization.id}/members`;
      await ana.must(201, "POST", members, { username, role: "member" });
      const body = { name: "Quay", organization_id: organization.id };
      const project = await ana.must<{ id: string }>(201, "POST", "/api/v1/projects", body);
      await ana.must(201, "POST", `/api/v1/projects/${project.id}/users`, { user_id: id, role: "developer" });
      return [await conversationOf(project), `${members}/${id}`];
    },
    "a group": async ({ id }: Person) => {
      const body = { type: "group", title: "Crew", participant_ids: [id] };
      const group = await ana.must<{ id: string }>(201, "POST", "/api/v1/conversations", body);
      return [group.id, `/api/v1/conversations/${group.id}/participants/${id}`];
    },
  } as const satisfies Record<string, (person: Person) => Promise<readonly [string, string]>>;

  test.each(Object.keys(ways) as (keyof typeof ways)[])(
    "within a second access ends for someone who is removed from %s",
    async (where) => {
      const ben = await signUp(topology.gatewayUrl, "ben");
      const [id, membership] = await ways[where](ben);
      await withinASecond(async () => (await ben.get(`/api/v1/conversations/${id}`)).status === 200);
      const { both } = await open(ben);
      const contents = () =>
        both.map((its) =>
          its.named("message.sent").flatMap(({ data }) => (data["sender_id"] ? [data["content"]] : [])),
        );
      const say = (content: string) => ana.must(201, "POST", `/api/v1/conversations/${id}/messages`, { content });
      await say("before");
      await withinASecond(answered(() => contents().every((all) => all.includes("before"))));
      await ana.must(204, "DELETE", membership);
      await withinASecond(async () => (await ben.get(`/api/v1/conversations/${id}`)).status === 403);
      await say("after");
      await ana.must(201, "POST", "/api/v1/messages", { recipient_id: ben.id, content: "the end" });
      await withinASecond(answered(() => contents().every((all) => all.includes("the end"))));
      expect(contents()).toEqual([
        ["before", "the end"],
        ["before", "the end"],
      ]);
      for (const its of both) its.cut();
    },
  );

  test("typing and presence reach every instance", async () => {
    const ben = await signUp(topology.gatewayUrl, "ben");
    const [id] = await ways["a group"](ben);
    const sockets = await Promise.all(Array.from({ length: 6 }, () => ben.socket()));
    for (const socket of sockets) {
      socket.send({ type: "view", conversation_id: id });
      socket.send({ type: "presence", user_ids: [ana.id] });
    }
    await withinASecond(answered(() => sockets.every((its) => its.named("presence").length > 0)));
    const hers = await ana.socket();
    await withinASecond(
      answered(() => sockets.every((its) => its.named("presence").at(-1)?.data["status"] === "online")),
    );
    await ana.must(204, "PUT", `/api/v1/conversations/${id}/typing`);
    await withinASecond(answered(() => sockets.every((its) => its.named("typing").length === 1)));
    await ana.must(200, "PUT", "/api/v1/presence", { status: "away" });
    await withinASecond(
      answered(() => sockets.every((its) => its.named("presence").at(-1)?.data["status"] === "away")),
    );
    for (const socket of [hers, ...sockets]) socket.cut();
  });

  test("a process that stops tells its clients to come back, and they miss nothing", async () => {
    const ben = await signUp(topology.gatewayUrl, "ben");
    const [id] = await ways["a group"](ben);
    const name = topology.processes["messaging"] ? "messaging" : "standalone";
    const sockets = await Promise.all(Array.from({ length: 6 }, () => ben.socket()));
    const say = (content: string) => ana.must(201, "POST", `/api/v1/conversations/${id}/messages`, { content });
    await say("1");
    const heard = (content: string) => (its: EventSocket) =>
      its.named("message.sent").some(({ data }) => data["content"] === content);
    await withinASecond(answered(() => sockets.every(heard("1"))));
    expect(await topology.processes[name]?.stop()).toBe(0);
    const gone = sockets.filter(({ ended }) => ended);
    expect(new Set(gone.map(({ closed }) => closed))).toEqual(new Set(["4000 shutting_down"]));
    await topology.processes[name]?.start();
    await withinASecond(async () => (await ana.get("/api/v1/notifications")).status === 200);
    await say("2");
    const back = await Promise.all(gone.map(({ lastEventId }) => ben.socket(lastEventId)));
    await withinASecond(answered(() => back.every(heard("2"))));
    const contents = back.map((its) => its.named("message.sent").map(({ data }) => data["content"]));
    expect(contents).toEqual(gone.map(() => ["2"]));
    for (const socket of [...sockets, ...back]) socket.cut();
  });
});
