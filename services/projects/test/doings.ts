import type { Doing } from "@stoa/testing";
import type { DataSave } from "../data/schema.ts";
import { purgeProjects } from "../projects/purge.ts";
import { sayWhatIsDue } from "../tasks/due.ts";
import { purgeTasks } from "../tasks/purge.ts";
import { type Request, type Scene, told } from "./scene.ts";

const inDays = (days: number) => () => new Date(Date.now() + days * 86_400_000);
/** The day on which A is due tomorrow. */
const theDayBefore = () => new Date("2029-12-31T12:00:00.000Z");

/** What is done on the stage, by name. */
const doings = {
  "rename the project": ({ one }) => ["PATCH", `/projects/${one}`, { body: { name: "Uno" } }],
  "describe the project": ({ one }) => ["PATCH", `/projects/${one}`, { body: { description: "d" } }],
  "rename the project as it was": ({ one }) => [
    "PATCH",
    `/projects/${one}`,
    { body: { name: "If" }, headers: { "if-match": '"3"' } },
  ],
  "put the project into the organization": ({ one, organization }) => [
    "PATCH",
    `/projects/${one}`,
    { body: { organization_id: organization.organization_id } },
  ],
  "take the project out of the organization": ({ ours }) => [
    "PATCH",
    `/projects/${ours}`,
    { body: { organization_id: null } },
  ],
  "trash the project": ({ one }) => ["DELETE", `/projects/${one}`],
  "trash the organization's project": ({ ours }) => ["DELETE", `/projects/${ours}`],
  "restore the project": ({ gone }) => ["POST", `/projects/${gone}/restore`],
  "make a project of a taken name": () => ["POST", "/projects", { body: { name: "Two" } }],
  "make a project in the organization": ({ grace, organization }) => [
    "POST",
    "/projects",
    { as: grace, body: { name: "New", organization_id: organization.organization_id } },
  ],

  "add Eve": ({ one }) => ["POST", `/projects/${one}/users`, { body: { username: "eve", role: "developer" } }],
  "add Linus where the task goes": ({ two }) => [
    "POST",
    `/projects/${two}/users`,
    { body: { username: "linus", role: "viewer" } },
  ],
  "make Grace an owner": ({ one }) => [
    "POST",
    `/projects/${one}/users`,
    { body: { username: "grace", role: "owner" } },
  ],
  "make Grace a viewer": ({ one }) => [
    "POST",
    `/projects/${one}/users`,
    { body: { username: "grace", role: "viewer" } },
  ],
  "remove Grace": ({ one, grace }) => ["DELETE", `/projects/${one}/users/${grace.user_id}`],
  "remove Grace where the task goes": ({ two, grace }) => ["DELETE", `/projects/${two}/users/${grace.user_id}`],
  "Linus leaves": ({ one, linus }) => ["DELETE", `/projects/${one}/users/${linus.user_id}`, { as: linus }],

  "make a task": ({ one, a, grace, linus }) => [
    "POST",
    "/tasks",
    { as: grace, body: { title: "N", project_id: one, parent_id: a, assignee_ids: [linus.user_id] } },
  ],
  "make a task under a key": ({ one, grace }) => [
    "POST",
    "/tasks",
    { as: grace, body: { title: "N", project_id: one }, headers: { "idempotency-key": "k" } },
  ],
  "rename the task": ({ a, grace }) => ["PATCH", `/tasks/${a}`, { as: grace, body: { title: "AA" } }],
  "begin the task": ({ a, grace }) => ["PATCH", `/tasks/${a}`, { as: grace, body: { status: "in_progress" } }],
  "rename the task as it was": ({ a, grace }) => [
    "PATCH",
    `/tasks/${a}`,
    { as: grace, body: { title: "If" }, headers: { "if-match": '"1"' } },
  ],
  "put the task off": ({ a, grace }) => [
    "PATCH",
    `/tasks/${a}`,
    { as: grace, body: { due_at: "2031-01-01T00:00:00.000Z" } },
  ],
  "put the task below another": ({ a, c, grace }) => ["PATCH", `/tasks/${a}`, { as: grace, body: { parent_id: c } }],
  "put the other below its subtask": ({ b, c, grace }) => [
    "PATCH",
    `/tasks/${c}`,
    { as: grace, body: { parent_id: b } },
  ],
  "assign the task to nobody": ({ a, grace }) => [
    "PUT",
    `/tasks/${a}/assignees`,
    { as: grace, body: { user_ids: [] } },
  ],
  "assign the other task": ({ c, grace, linus }) => [
    "PUT",
    `/tasks/${c}/assignees`,
    { as: grace, body: { user_ids: [linus.user_id, grace.user_id] } },
  ],
  "move the task to the other project": ({ a, two, grace }) => [
    "PATCH",
    `/tasks/${a}`,
    { as: grace, body: { project_id: two } },
  ],
  "move and assign the task": ({ a, two, grace }) => [
    "PATCH",
    `/tasks/${a}`,
    { as: grace, body: { project_id: two, assignee_ids: [grace.user_id] } },
  ],
  "move both tasks": ({ a, c, two, grace }) => [
    "POST",
    "/tasks/bulk",
    { as: grace, body: { ids: [a, c], patch: { project_id: two, assignee_ids: [grace.user_id] } } },
  ],
  "complete all tasks": ({ a, b, t, grace }) => [
    "POST",
    "/tasks/bulk",
    { as: grace, body: { ids: [a, b, t], patch: { status: "completed", labels: ["x"] } } },
  ],
  "assign both tasks": ({ a, c, grace, linus }) => [
    "POST",
    "/tasks/bulk",
    { as: grace, body: { ids: [a, c], patch: { assignee_ids: [linus.user_id] } } },
  ],
  "complete the task": ({ a, grace }) => ["PATCH", `/tasks/${a}/complete`, { as: grace }],
  "complete the task as its assignee": ({ a, linus }) => ["PATCH", `/tasks/${a}/complete`, { as: linus }],
  "reopen the other task": ({ c, grace }) => ["POST", `/tasks/${c}/reopen`, { as: grace }],
  "place the other task where it stands": ({ b, c, grace }) => [
    "PATCH",
    `/tasks/${c}/move`,
    { as: grace, body: { after_id: b, status: "in_review" } },
  ],
  "place the other task first": ({ a, c, grace }) => [
    "PATCH",
    `/tasks/${c}/move`,
    { as: grace, body: { before_id: a } },
  ],
  "place the subtask last": ({ b, grace }) => ["PATCH", `/tasks/${b}/move`, { as: grace, body: {} }],
  "place the only task last": ({ t, grace }) => [
    "PATCH",
    `/tasks/${t}/move`,
    { as: grace, body: { status: "in_review" } },
  ],
  "make a task after it": ({ two, grace }) => ["POST", "/tasks", { as: grace, body: { title: "N", project_id: two } }],
  "trash the task": ({ a, grace }) => ["DELETE", `/tasks/${a}`, { as: grace }],
  "trash the subtask": ({ b, grace }) => ["DELETE", `/tasks/${b}`, { as: grace }],
  "trash the other task": ({ c, grace }) => ["DELETE", `/tasks/${c}`, { as: grace }],
  "restore the task in the trash": ({ d, grace }) => ["POST", `/tasks/${d}/restore`, { as: grace }],

  "record work": ({ a, linus }) => ["POST", `/tasks/${a}/worklogs`, { as: linus, body: { minutes: 5 } }],
  "change the note of work": ({ a, worklog, grace }) => [
    "PATCH",
    `/tasks/${a}/worklogs/${worklog}`,
    { as: grace, body: { note: "m" } },
  ],
  "change the minutes of work": ({ a, worklog, grace }) => [
    "PATCH",
    `/tasks/${a}/worklogs/${worklog}`,
    { as: grace, body: { minutes: 40 } },
  ],
  "remove work": ({ a, worklog, grace }) => ["DELETE", `/tasks/${a}/worklogs/${worklog}`, { as: grace }],
  "link the other task": ({ c, t, grace }) => [
    "POST",
    `/tasks/${c}/links`,
    { as: grace, body: { type: "blocks", task_id: t } },
  ],
  "close the ring of links": ({ a, t, grace }) => [
    "POST",
    `/tasks/${t}/links`,
    { as: grace, body: { type: "blocks", task_id: a } },
  ],
  "remove the link": ({ a, link, grace }) => ["DELETE", `/tasks/${a}/links/${link}`, { as: grace }],
  "remove the link from its other end": ({ c, link, grace }) => ["DELETE", `/tasks/${c}/links/${link}`, { as: grace }],

  "share a view": ({ one, grace }) => [
    "POST",
    `/projects/${one}/views`,
    { as: grace, body: { name: "X", filter: {}, is_shared: true } },
  ],
  "rename the view": ({ one, view }) => ["PATCH", `/projects/${one}/views/${view}`, { body: { name: "VV" } }],
  "share the view no more": ({ one, view, grace }) => [
    "PATCH",
    `/projects/${one}/views/${view}`,
    { as: grace, body: { is_shared: false } },
  ],
  "delete the view": ({ one, view }) => ["DELETE", `/projects/${one}/views/${view}`],
  "make a webhook": ({ one }) => [
    "POST",
    `/projects/${one}/webhooks`,
    { body: { url: "https://127.0.0.1/x", events: ["task.updated"], secret: `whsec_${btoa("0".repeat(30))}` } },
  ],
  "switch the webhook off": ({ one, webhook }) => [
    "PATCH",
    `/projects/${one}/webhooks/${webhook}`,
    { body: { is_active: false } },
  ],
  "point the webhook elsewhere": ({ one, webhook }) => [
    "PATCH",
    `/projects/${one}/webhooks/${webhook}`,
    { body: { url: "https://127.0.0.1/y" } },
  ],
  "send the delivery again": ({ one, webhook, delivery }) => [
    "POST",
    `/projects/${one}/webhooks/${webhook}/deliveries/${delivery}/redeliver`,
  ],
  "delete the webhook": ({ one, webhook }) => ["DELETE", `/projects/${one}/webhooks/${webhook}`],

  import: () => ["POST", "/data/save", { body: payload }],
  "import what is gone": () => ["POST", "/data/save", { body: { source: "tracker", deleted: ["t2"] } }],
  "import what came back": () => [
    "POST",
    "/data/save",
    { body: { source: "tracker", tasks: [{ external_id: "t3", title: "T3" }] } },
  ],
  "rename the imported task": ({ t1 }) => ["PATCH", `/tasks/${t1}`, { body: { title: "By hand" } }],
  "trash the imported task": ({ t1 }) => ["DELETE", `/tasks/${t1}`],
  "trash the imported subtask": ({ t2 }) => ["DELETE", `/tasks/${t2}`],

  "make a project": ({ grace }) => ["POST", "/projects", { as: grace, body: { name: "Mine" } }],
  "make a project in the organization as a superuser": ({ root, organization }) => [
    "POST",
    "/projects",
    { as: root, body: { name: "New", organization_id: organization.organization_id } },
  ],
  "rename the project as a superuser": ({ root, one }) => [
    "PATCH",
    `/projects/${one}`,
    { as: root, body: { name: "Uno" } },
  ],
  "put the project into the organization as a superuser": ({ root, one, organization }) => [
    "PATCH",
    `/projects/${one}`,
    { as: root, body: { organization_id: organization.organization_id } },
  ],
  "join as a superuser": ({ root, one }) => [
    "POST",
    `/projects/${one}/users`,
    { as: root, body: { username: "root", role: "owner" } },
  ],
  "make a personal task": ({ grace }) => ["POST", "/tasks", { as: grace, body: { title: "P" } }],
  "make a task below the personal one": ({ grace, own }) => [
    "POST",
    "/tasks",
    { as: grace, body: { title: "P", parent_id: own } },
  ],
  "rename the personal task": ({ grace, own }) => ["PATCH", `/tasks/${own}`, { as: grace, body: { title: "Mine" } }],
  "move the personal task to the project": ({ grace, own, one }) => [
    "PATCH",
    `/tasks/${own}`,
    { as: grace, body: { project_id: one } },
  ],
  "record work on the personal task": ({ grace, own }) => [
    "POST",
    `/tasks/${own}/worklogs`,
    { as: grace, body: { minutes: 5 } },
  ],
  "make a task as a superuser": ({ root, one }) => [
    "POST",
    "/tasks",
    { as: root, body: { title: "N", project_id: one } },
  ],
  "complete all tasks as a superuser": ({ root, a, b, t }) => [
    "POST",
    "/tasks/bulk",
    { as: root, body: { ids: [a, b, t], patch: { status: "completed" } } },
  ],
  "record work as a superuser": ({ root, a }) => ["POST", `/tasks/${a}/worklogs`, { as: root, body: { minutes: 5 } }],
  "keep a view": ({ one, grace }) => ["POST", `/projects/${one}/views`, { as: grace, body: { name: "X", filter: {} } }],
  "keep a view as a superuser": ({ one, root }) => [
    "POST",
    `/projects/${one}/views`,
    { as: root, body: { name: "X", filter: {} } },
  ],
  "share the view no more as a superuser": ({ one, view, root }) => [
    "PATCH",
    `/projects/${one}/views/${view}`,
    { as: root, body: { is_shared: false } },
  ],
  "import all anew": ({ grace }) => ["POST", "/data/save", { as: grace, body: anew }],

  "Grace is removed from the organization": ({ organization, grace }) =>
    told("organization.member_removed", { ...organization, user_id: grace.user_id, role: "member" }),
  "the organization is deleted": ({ organization }) => told("organization.deleted", organization),
  "Grace is erased": ({ grace }) => told("user.erased", { user_id: grace.user_id, session_ids: [] }),
  "Linus is erased": ({ linus }) => told("user.erased", { user_id: linus.user_id, session_ids: [] }),
  "Eve is erased": ({ eve }) => told("user.erased", { user_id: eve.user_id, session_ids: [] }),
  "say what is due": () => (db) => sayWhatIsDue({ db, now: theDayBefore }),
  "purge tasks": () => (db) => purgeTasks({ db, now: inDays(31) }),
  "purge projects": () => (db) => purgeProjects({ db, now: inDays(31) }),
} satisfies Record<string, (scene: Scene) => Request | Doing>;

const payload: DataSave = {
  source: "tracker",
  users: [{ external_id: "u2", username: "eve" }],
  projects: [
    {
      external_id: "p",
      name: "Imported 2",
      members: [
        { user: "u", role: "developer" },
        { user: "u2", role: "viewer" },
      ],
    },
  ],
  tasks: [
    { external_id: "t1", project: "p", title: "T1 changed" },
    { external_id: "t4", project: "p", title: "T4", parent: "t2" },
  ],
  assignees: [{ external_id: "x", task: "t2", user: "u" }],
  links: [{ external_id: "l", type: "blocks", task: "t1", linked_task: "t2" }],
};

const anew: DataSave = {
  source: "tracker",
  projects: [{ external_id: "p", name: "Anew" }],
  tasks: [
    { external_id: "t1", project: "p", title: "T1" },
    { external_id: "t2", title: "T2" },
  ],
};

/** One of them. */
export type Name = keyof typeof doings;

/** What it is on a stage. */
export const doingOf = (scene: Scene, name: Name): Request | Doing =>
  (doings[name] as (scene: Scene) => Request | Doing)(scene);

/** Whether somebody asks for it over HTTP. */
export const isRequest = (one: Request | Doing): one is Request => typeof one !== "function";
