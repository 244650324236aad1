import { newId } from "@stoa/db";
import type { EventData, EventName } from "@stoa/events";
import { applyEvent, type Doing, envelope, send, stageOf, standIn } from "@stoa/testing";
import { fanOut } from "@stoa/webhooks/fan-out";
import { createApp } from "../app.ts";
import type { DataSaved } from "../data/schema.ts";
import { handlers } from "../handlers.ts";
import { startTeam } from "./team.ts";
import type { Ask } from "./world.ts";

/** A request of Ada's, or of whom it says. */
export type Request = readonly [method: string, path: string, ask?: Ask];

/**
 * A stage on which there is something of everything, and the ids of that. Ada owns the projects One, Two, Ours (of her
 * organization) and Gone (in the trash); Grace develops in the first three, Linus looks on in One. In One are the tasks
 * A, which Grace and Linus do and which blocks C, B below it, C, which is completed, and D with E below it in the trash.
 * F is in Ours, T in Two; Grace's own is in none. A tracker has imported a project with the tasks `t1` and, below it,
 * `t2` and `t3`, which it has deleted since.
 */
export async function startScene() {
  const team = await startTeam({}, { inFile: true });
  const { ada, grace, linus } = team;
  const make = async (path: string, body: object, as = ada) => {
    const answer = await team.ask<{ id: string }>("POST", path, { as, body });
    if (answer.status > 201) throw new Error(`${path} answered ${answer.status}.`);
    return answer.body.id;
  };
  const organization = { organization_id: newId(), name: "Engines" };
  await team.apply("organization.created", { ...organization, slug: "engines", owner_id: ada.user_id });
  for (const { user_id } of [grace, linus]) {
    await team.apply("organization.member_added", { ...organization, user_id, role: "member", invitation_id: null });
  }
  const one = (await team.project("One")).id;
  const [two, ours, gone] = [
    await make("/projects", { name: "Two" }),
    await make("/projects", { name: "Ours", organization_id: organization.organization_id }),
    await make("/projects", { name: "Gone" }),
  ];
  for (const project of [two, ours]) await make(`/projects/${project}/users`, { username: "grace", role: "developer" });
  const task = (title: string, of: object, as = ada) => make("/tasks", { title, ...of }, as);
  const assignee_ids = [grace.user_id, linus.user_id];
  const a = await task("A", { project_id: one, assignee_ids, due_at: "2030-01-01T00:00:00.000Z" });
  const b = await task("B", { project_id: one, parent_id: a });
  const c = await task("C", { project_id: one });
  const d = await task("D", { project_id: one });
  await task("E", { project_id: one, parent_id: d });
  const f = await task("F", { project_id: ours, assignee_ids: [grace.user_id] });
  await task("G", { project_id: gone });
  const t = await task("T", { project_id: two });
  const own = await task("Own", {}, grace);
  const worklog = await make(`/tasks/${a}/worklogs`, { minutes: 30, note: "n" }, grace);
  const link = await make(`/tasks/${a}/links`, { type: "blocks", task_id: c });
  const view = await make(`/projects/${one}/views`, { name: "V", filter: {}, is_shared: true }, grace);
  const webhook = await make(`/projects/${one}/webhooks`, {
    url: "https://127.0.0.1/a",
    events: ["task.updated", "task.completed"],
  });
  const saved = await team.ask<DataSaved>("POST", "/data/save", {
    as: ada,
    body: {
      source: "tracker",
      users: [{ external_id: "u", username: "linus" }],
      projects: [{ external_id: "p", name: "Imported", members: [{ user: "u", role: "viewer" }] }],
      tasks: [
        { external_id: "t1", project: "p", title: "T1" },
        { external_id: "t2", project: "p", title: "T2", parent: "t1" },
        { external_id: "t3", project: "p", title: "T3", parent: "t1" },
      ],
    },
  });
  await team.ask("POST", "/data/save", { as: ada, body: { source: "tracker", deleted: ["t3"] } });
  const [t1 = "", t2 = ""] = saved.body.results.flatMap(({ kind, id }) => (kind === "task" && id ? [id] : []));
  await team.ask("DELETE", `/tasks/${d}`, { as: ada });
  await team.ask("DELETE", `/projects/${gone}`, { as: ada });
  await team.ask("PATCH", `/tasks/${c}/complete`, { as: ada });
  await fanOut({ db: team.db, service: "projects", now: () => new Date() });
  const sent = await team.ask<{ items: { id: string }[] }>("GET", `/projects/${one}/webhooks/${webhook}/deliveries`, {
    as: ada,
  });
  const delivery = sent.body.items[0]?.id;
  if (!delivery) throw new Error("Nothing was to be delivered.");
  const stage = await stageOf(team.stored);
  const moment = new Date(Date.now() + 1_000);
  return {
    ...team,
    ...{
      stage,
      moment,
      organization,
      one,
      two,
      ours,
      gone,
      a,
      b,
      c,
      d,
      f,
      t,
      own,
      t1,
      t2,
      worklog,
      link,
      view,
      webhook,
      delivery,
    },
    close: async () => {
      stage[Symbol.dispose]();
      await team.close();
    },
  };
}

/** @see startScene */
export type Scene = Awaited<ReturnType<typeof startScene>>;

/** Sends requests to an app that works on the database of the round, always at the same time. */
export function asking(scene: Scene): (request: Request) => Doing {
  const { db, use } = standIn(scene.db);
  const app = createApp({ ...scene.deps, db, now: () => scene.moment });
  return ([method, path, { as = scene.ada, body, headers } = {}]) =>
    async (round) => {
      use(round);
      const answer = await send(app, method, `/api/v1${path}`, { token: as?.token_id, body, headers });
      // A refusal may say more of a thing in one place than in another.
      return [answer.status, answer.status < 400 ? answer.body : answer.body.error_code];
    };
}

/** An event of identity is applied, as the projector would. */
export const told =
  <N extends EventName>(name: N, data: EventData<N>): Doing =>
  (db) =>
    applyEvent(db, handlers(900), envelope(name, data));
