import { type Task, taskDefaults } from "./tasks/schema.ts";

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
