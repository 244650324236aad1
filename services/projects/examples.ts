import { type Task, taskDefaults } from "./tasks/schema.ts";
import type { CreatedWebhook } from "./webhooks/schema.ts";

const id = (end: string) => `0197a1c0-5e2b-7c4d-9a3f-0000000000${end}`;
const time = "2026-11-20T09:00:00.000Z";

/** A member, for the documentation. */
export const memberExample = {
  user_id: id("a1"),
  username: "grace",
  full_name: "Grace Hopper",
  is_active: true,
  role: "developer",
} as const;

/** A project, for the documentation. */
export const projectExample = {
  id: id("b1"),
  key: "APO",
  name: "Apollo",
  description: "To the Moon",
  organization_id: null,
  timezone: "Europe/Berlin",
  working_days: [1, 2, 3, 4, 5],
  role: "owner",
  members: [
    { ...memberExample, user_id: id("a2"), username: "margaret", full_name: "Margaret Hamilton", role: "owner" },
  ],
  version: 1,
  created_at: time,
  updated_at: time,
  deleted_at: null,
} as const;

/** A task, for the documentation. */
export const taskExample: Task = {
  ...taskDefaults,
  id: id("c1"),
  key: "APO-12",
  project_id: id("b1"),
  number: 12,
  title: "Check the guidance program",
  priority: "high",
  creator_id: id("a2"),
  assignee_ids: [id("a1")],
  labels: ["guidance"],
  due_at: "2026-11-27T17:00:00.000Z",
  estimate_minutes: 90,
  logged_minutes: 0,
  rank: "e0000C",
  is_blocked: false,
  version: 1,
  created_at: time,
  updated_at: time,
  started_at: null,
  completed_at: null,
  deleted_at: null,
};

/** A batch save, for the documentation. */
export const saveExample = {
  source: "tracker",
  users: [{ external_id: "u7", username: "grace" }],
  projects: [{ external_id: "p1", name: "Apollo", members: [{ user: "u7", role: "developer" as const }] }],
  tasks: [{ external_id: "t1", project: "p1", title: taskExample.title, status: "in_progress" as const }],
  assignees: [{ external_id: "t1-u7", task: "t1", user: "u7" }],
};

/** What became of it, for the documentation. */
export const savedExample = {
  results: [
    { kind: "user" as const, external_id: "u7", id: id("a1"), outcome: "unchanged" as const },
    { kind: "project" as const, external_id: "p1", id: id("b1"), outcome: "updated" as const },
    { kind: "task" as const, external_id: "t1", id: id("c1"), outcome: "created" as const },
    {
      kind: "assignee" as const,
      external_id: "t1-u7",
      id: null,
      outcome: "failed" as const,
      error: { error_code: "not_a_member", detail: "Only members of the project can be assigned." },
    },
  ],
  totals: { created: 1, updated: 1, unchanged: 1, failed: 1 },
};

/** What the corporate list of projects has brought, for the documentation. */
export const fetchedExample = {
  results: [{ kind: "project" as const, external_id: "4711", id: id("b1"), outcome: "created" as const }],
  totals: { created: 1, updated: 0, unchanged: 0, failed: 0 },
};
/** A webhook as it is made, for the documentation. */
export const webhookExample: CreatedWebhook = {
  id: id("f1"),
  url: "https://hooks.example.com/stoa",
  events: ["task.created", "task.completed"],
  is_active: true,
  created_at: time,
  secret: "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
};

/** A delivery, for the documentation. */
export const deliveryExample = {
  id: id("f2"),
  webhook_id: id("f1"),
  event_id: id("d1"),
  type: "task.completed",
  status: "delivered",
  attempts: 1,
  response_status: 204,
  duration_ms: 48,
  attempted_at: time,
  next_attempt_at: null,
  created_at: time,
} as const;

/** A saved view, for the documentation. */
export const viewExample = {
  id: id("e1"),
  project_id: id("b1"),
  name: "Late guidance",
  filter: { label: "guidance", overdue: true },
  sort: "due_at",
  is_shared: true,
  creator_id: id("a1"),
  version: 1,
  created_at: time,
  updated_at: time,
} as const;

/** An entry of a task's log, for the documentation. */
export const logExample = {
  id: id("d1"),
  task_id: taskExample.id,
  actor_id: id("a1"),
  type: "task.completed",
  changes: [{ field: "status", from: "pending", to: "completed", from_text: "pending", to_text: "completed" }],
  source: "user",
  occurred_at: time,
} as const;

/** An entry of a task's work log, for the documentation. */
export const worklogExample = {
  id: id("e1"),
  task_id: taskExample.id,
  user_id: id("a1"),
  minutes: 45,
  note: "Read the listing again",
  spent_on: "2026-11-19",
  created_at: time,
  updated_at: time,
} as const;

/** A link between two tasks, for the documentation. */
export const linkExample = {
  id: id("f1"),
  type: "blocks",
  task_id: taskExample.id,
  linked_task_id: id("c2"),
  created_at: time,
} as const;
