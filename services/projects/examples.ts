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
