import { TaskPriority, TaskStatus } from "@stoa/events";
import { Id, listQuery, Nullable, QueryBoolean, QueryOneOf, QueryText, Text, Time } from "@stoa/http";
import { t } from "elysia";
import { sorts } from "./sort.ts";

const Title = Text({ max: 255 });
const Description = Nullable(Text({ min: 0, max: 20_000 }));
const Assignees = t.Array(Id(), { maxItems: 100, description: "Members of the project." });
const Labels = t.Array(Text({ max: 50 }), { maxItems: 50 });
const Estimate = t.Integer({ minimum: 0, maximum: 1_000_000 });

/** Body of POST /tasks. */
export const NewTaskBody = t.Object({
  title: Title,
  description: t.Optional(Description),
  status: t.Optional(TaskStatus),
  priority: t.Optional(TaskPriority),
  project_id: t.Optional(Nullable(Id({ description: "Without it the task is personal." }))),
  parent_id: t.Optional(Nullable(Id({ description: "A task of the same project." }))),
  assignee_ids: t.Optional(Assignees),
  due_at: t.Optional(Nullable(Time())),
  labels: t.Optional(Labels),
  estimate_minutes: t.Optional(Nullable(Estimate)),
});

/** Body of PATCH and PUT /tasks/{id}; the other fields must equal what is there. */
export const TaskPatchBody = t.Object({
  title: t.Optional(Title),
  description: t.Optional(Description),
  status: t.Optional(Nullable(TaskStatus)),
  priority: t.Optional(Nullable(TaskPriority)),
  parent_id: t.Optional(Nullable(Id())),
  assignee_ids: t.Optional(Nullable(Assignees)),
  due_at: t.Optional(Nullable(Time())),
  labels: t.Optional(Nullable(Labels)),
  estimate_minutes: t.Optional(Nullable(Estimate)),
  id: t.Optional(t.Unknown()),
  key: t.Optional(t.Unknown()),
  project_id: t.Optional(t.Unknown()),
  number: t.Optional(t.Unknown()),
  creator_id: t.Optional(t.Unknown()),
  logged_minutes: t.Optional(t.Unknown()),
  rank: t.Optional(t.Unknown()),
  is_blocked: t.Optional(t.Unknown()),
});

/** Body of PUT /tasks/{id}/assignees. */
export const AssigneesBody = t.Object({ user_ids: Assignees });

/** Body of PATCH /tasks/{id}/move. */
export const MoveBody = t.Object({
  status: t.Optional(TaskStatus),
  after_id: t.Optional(Id({ description: "It will stand right after this one." })),
  before_id: t.Optional(Id({ description: "It will stand right before this one." })),
});

/** Path of one task. */
export const TaskParams = t.Object({ id: Id() });

const Status = ["pending", "in_progress", "in_review", "completed", "cancelled"] as const;
const Priority = ["low", "medium", "high", "urgent"] as const;

/** Query of GET /tasks. */
export const TasksQuery = listQuery({
  project_id: t.Optional(Id()),
  status: QueryOneOf(Status),
  priority: QueryOneOf(Priority),
  assignee_id: t.Optional(Id()),
  creator_id: t.Optional(Id()),
  label: QueryText({ max: 50 }),
  parent_id: t.Optional(Id()),
  due_before: t.Optional(Time({ description: "Due before it; that moment not included." })),
  due_after: t.Optional(Time({ description: "Due then or after it." })),
  overdue: QueryBoolean({ description: "Due by now and still open; false: all others." }),
  updated_since: t.Optional(Time({ description: "Changed then or after it; those in the trash too." })),
  q: QueryText({ max: 255, description: "A substring of title or description, or the key." }),
  deleted: QueryBoolean({ description: "Those in the trash, for who may restore them." }),
  sort: QueryOneOf(sorts),
});
