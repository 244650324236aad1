import { expect, test } from "bun:test";
import { type Handler, inProcess, startProjectors } from "@stoa/bus";
import { type Database, newId, sql } from "@stoa/db";
import { system } from "@stoa/events";
import { append } from "@stoa/journal";
import { handlers as messagingHandlers } from "@stoa/messaging/handlers";
import { handlers } from "@stoa/projects/handlers";
import { projections } from "@stoa/projects/projections";
import { startTeam } from "@stoa/projects/test/team";
import { eventually, silent, temporaryDatabase } from "@stoa/testing";
import { projectionFaults } from "./agreement.ts";
import { oracleFaults } from "./oracles.ts";

/** Registers a user, as a row and as an event. */
async function register(db: Database, username: string): Promise<void> {
  const [user_id, time] = [newId(), new Date().toISOString()];
  await db.write([
    sql`insert into users (id, username, created_at, updated_at) values (${user_id}, ${username}, ${time}, ${time})`,
    append(system, {
      type: "user.registered",
      aggregate_id: user_id,
      time,
      data: { user_id, username, full_name: null, is_superuser: false, roles: [], source: "self" },
    }).statement,
  ]);
}

/** Identity with thirty users, and projects, which has applied their events with these handlers. */
async function world(its: readonly Handler[]) {
  await using stack = new AsyncDisposableStack();
  const [identity, projects, messaging] = [
    stack.use(await temporaryDatabase("identity")),
    stack.use(await temporaryDatabase("projects")),
    stack.use(await temporaryDatabase("messaging")),
  ];
  for (let n = 0; n < 30; n++) await register(identity.db, `person-${n}`);
  const databases = { identity: identity.db, projects: projects.db, messaging: messaging.db };
  const transport = inProcess(databases, silent);
  const applied = startProjectors({ service: "projects", db: projects.db, transport, handlers: its, log: silent });
  await eventually(() => applied.status().every(({ seq }) => seq === 30));
  await applied.stop();
  await transport.close();
  const owned = stack.move();
  return { databases, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test("a projection that has what its source has is in order", async () => {
  await using w = await world(handlers(900));
  const { identity, projects } = w.databases;
  expect(await oracleFaults({ identity, projects })).toEqual([]);
});

test("planted fault: handlers that lose every tenth event agree with their own rebuild, and the oracle finds them", async () => {
  const losing = handlers(900).map((handler) => ({
    ...handler,
    apply: (event: Parameters<typeof handler.apply>[0]) => (event.sequence % 10 === 0 ? [] : handler.apply(event)),
  }));
  await using w = await world(losing);
  const { identity, projects } = w.databases;
  expect(await projectionFaults({ service: "projects", handlers: losing, projections }, w.databases)).toEqual([]);
  expect(await oracleFaults({ identity, projects })).toEqual([
    "projects.directory lacks 3 rows of identity and has 0 others",
  ]);
});

/** What the team does of which messaging keeps something; and messaging, which has applied it with these handlers. */
async function work(its: readonly Handler[]) {
  await using stack = new AsyncDisposableStack();
  const team = await startTeam();
  stack.defer(() => team.close());
  const { ada, grace, linus } = team;
  const [{ id: first }, { id: second }] = [await team.project(), await team.project()];
  const ask = async (method: string, path: string, body?: object) => {
    const { status } = await team.ask(method, path, { as: ada, body });
    if (status >= 300) throw new Error(`${method} ${path} answered ${status}.`);
  };
  const [graces, linuss] = [grace, linus].map(({ user_id }) => user_id);
  for (let n = 0; n < 5; n++) {
    const { id } = await team.task(ada, { title: `Task ${n}`, project_id: first, assignee_ids: [graces] });
    await team.task(ada, { title: `Below ${n}`, project_id: first, parent_id: id });
    await ask("PATCH", `/tasks/${id}`, { title: `Renamed ${n}` });
    await ask("PUT", `/tasks/${id}/assignees`, { user_ids: n % 2 === 0 ? [ada.user_id, graces] : [linuss] });
    if (n === 1) await ask("PATCH", `/tasks/${id}`, { project_id: second });
    if (n > 2) await ask("DELETE", `/tasks/${id}`);
    if (n === 4) await ask("POST", `/tasks/${id}/restore`);
  }
  await team.task(grace, { title: "Her own" });
  await ask("DELETE", `/projects/${first}/users/${graces}`);
  await ask("DELETE", `/projects/${second}`);
  const messaging = stack.use(await temporaryDatabase("messaging"));
  const databases = { projects: team.db, messaging: messaging.db };
  const [row] = await team.db.query(sql`select max(seq) as last from journal`);
  const transport = inProcess({ ...databases, identity: stack.use(await temporaryDatabase("identity")).db }, silent);
  const applied = startProjectors({ service: "messaging", db: messaging.db, transport, handlers: its, log: silent });
  await eventually(() => applied.status().some(({ seq }) => seq === row?.["last"]));
  await applied.stop();
  await transport.close();
  const owned = stack.move();
  return { databases, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test("messaging has of projects and tasks what they are, and an oracle finds what it loses", async () => {
  {
    await using w = await work(messagingHandlers(900));
    expect(await oracleFaults(w.databases)).toEqual([]);
  }
  const losing = messagingHandlers(900).map((handler) => ({
    ...handler,
    apply: (event: Parameters<typeof handler.apply>[0]) => (event.sequence % 3 === 0 ? [] : handler.apply(event)),
  }));
  await using w = await work(losing);
  const faulty = (await oracleFaults(w.databases)).map((fault) => fault.split(" ")[0]);
  expect(faulty).toEqual(expect.arrayContaining(["messaging.tasks", "messaging.task_assignees"]));
});
