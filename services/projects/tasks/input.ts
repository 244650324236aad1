import { Type } from "@sinclair/typebox";
import { TaskPriority, TaskStatus } from "@stoa/events";
import { Id, listQuery, Nullable, QueryBoolean, QueryOneOf, QueryText, Text, Time } from "@stoa/http";
import { sorts } from "./sort.ts";

const Title = Text({ max: 255 });
const Description = Nullable(Text({ min: 0, max: 20_000 }));
const Assignees = Type.Array(Id(), { maxItems: 100, description: "Members of the project." });
const Labels = Type.Array(Text({ max: 50 }), { maxItems: 50 });
const Estimate = Type.Integer({ minimum: 0, maximum: 1_000_000 });

/** Body of POST /tasks. */
export const NewTaskBody = Type.Object(
  {
    title: Title,
    description: Type.Optional(Description),
    status: Type.Optional(TaskStatus),
    priority: Type.Optional(TaskPriority),
    project_id: Type.Optional(Nullable(Id({ description: "Without it the task is personal." }))),
    parent_id: Type.Optional(Nullable(Id({ description: "A task of the same project." }))),
    assignee_ids: Type.Optional(Assignees),
    due_at: Type.Optional(Nullable(Time())),
    labels: Type.Optional(Labels),
    estimate_minutes: Type.Optional(Nullable(Estimate)),
  },
  { title: "NewTask" },
);

/** Body of PATCH and PUT /tasks/{id}; the other fields must equal what is there. */
export const TaskPatchBody = Type.Object(
  {
    title: Type.Optional(Title),
    description: Type.Optional(Description),
    status: Type.Optional(Nullable(TaskStatus)),
    priority: Type.Optional(Nullable(TaskPriority)),
    parent_id: Type.Optional(Nullable(Id())),
    assignee_ids: Type.Optional(Nullable(Assignees)),
    due_at: Type.Optional(Nullable(Time())),
    labels: Type.Optional(Nullable(Labels)),
    estimate_minutes: Type.Optional(Nullable(Estimate)),
    id: Type.Optional(Type.Unknown()),
    key: Type.Optional(Type.Unknown()),
    project_id: Type.Optional(Type.Unknown()),
    number: Type.Optional(Type.Unknown()),
    creator_id: Type.Optional(Type.Unknown()),
    logged_minutes: Type.Optional(Type.Unknown()),
    rank: Type.Optional(Type.Unknown()),
    is_blocked: Type.Optional(Type.Unknown()),
  },
  { title: "TaskPatch" },
);

/** Body of PUT /tasks/{id}/assignees. */
export const AssigneesBody = Type.Object({ user_ids: Assignees }, { title: "TaskAssignees" });

/** Body of PATCH /tasks/{id}/move. */
export const MoveBody = Type.Object(
  {
    status: Type.Optional(TaskStatus),
    after_id: Type.Optional(Nullable(Id({ description: "It will stand right after this one." }))),
    before_id: Type.Optional(Nullable(Id({ description: "It will stand right before this one." }))),
  },
  { title: "TaskMove" },
);

/** Path of one task. */
export const TaskParams = Type.Object({ id: Id() });

const Status = ["pending", "in_progress", "in_review", "completed", "cancelled"] as const;
const Priority = ["low", "medium", "high", "urgent"] as const;

/** Query of GET /tasks. */
export const TasksQuery = listQuery({
  project_id: Type.Optional(Id()),
  status: QueryOneOf(Status),
  priority: QueryOneOf(Priority),
  assignee_id: Type.Optional(Id()),
  creator_id: Type.Optional(Id()),
  label: QueryText({ max: 50 }),
  parent_id: Type.Optional(Id()),
  due_before: Type.Optional(Time({ description: "Due before it; that moment not included." })),
  due_after: Type.Optional(Time({ description: "Due then or after it." })),
  overdue: QueryBoolean({ description: "Due by now and still open; false: all others." }),
  updated_since: Type.Optional(Time({ description: "Changed then or after it; those in the trash too." })),
  q: QueryText({ max: 255, description: "A substring of title or description, or the key." }),
  deleted: QueryBoolean({ description: "Those in the trash, for who may restore them." }),
  sort: QueryOneOf(sorts),
});
