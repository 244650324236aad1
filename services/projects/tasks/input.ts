import { Type } from "@sinclair/typebox";
import { TaskPriority, TaskStatus } from "@stoa/events";
import { Id, listQuery, Nullable, QueryBoolean, QueryOneOf, QueryText, Text, Time } from "@stoa/http";
import { sorts } from "./sort.ts";

const Title = Text({ max: 255 });
const Description = Nullable(Text({ min: 0, max: 20_000 }));
const Assignees = Type.Array(Id(), { maxItems: 100, description: "Members of the project." });
const Labels = Type.Array(Text({ max: 50 }), { maxItems: 50 });
const Estimate = Type.Integer({ minimum: 0, maximum: 1_000_000, description: "How long it should take." });

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
    parent_id: Type.Optional(Nullable(Id({ description: "A task of the same project; null: none." }))),
    assignee_ids: Type.Optional(Nullable(Assignees)),
    due_at: Type.Optional(Nullable(Time())),
    labels: Type.Optional(Nullable(Labels)),
    estimate_minutes: Type.Optional(Nullable(Estimate)),
    id: Type.Optional(Type.Unknown({ readOnly: true })),
    key: Type.Optional(Type.Unknown({ readOnly: true })),
    project_id: Type.Optional(Type.Unknown({ readOnly: true })),
    number: Type.Optional(Type.Unknown({ readOnly: true })),
    creator_id: Type.Optional(Type.Unknown({ readOnly: true })),
    logged_minutes: Type.Optional(Type.Unknown({ readOnly: true })),
    rank: Type.Optional(Type.Unknown({ readOnly: true })),
    is_blocked: Type.Optional(Type.Unknown({ readOnly: true })),
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
export const TaskParams = Type.Object({ id: Id({ description: "A task." }) });

const Status = ["pending", "in_progress", "in_review", "completed", "cancelled"] as const;
const Priority = ["low", "medium", "high", "urgent"] as const;

/** Query of GET /tasks. */
export const TasksQuery = listQuery({
  project_id: Type.Optional(Id({ description: "Those of this project." })),
  status: QueryOneOf(Status, { description: "Those of this status." }),
  priority: QueryOneOf(Priority, { description: "Those of this priority." }),
  assignee_id: Type.Optional(Id({ description: "Those that are assigned to this user." })),
  creator_id: Type.Optional(Id({ description: "Those that this user created." })),
  label: QueryText({ max: 50, description: "Those with this label." }),
  parent_id: Type.Optional(Id({ description: "Those below this task." })),
  due_before: Type.Optional(Time({ description: "Those that are due before this moment." })),
  due_after: Type.Optional(Time({ description: "Those that are due at this moment or after it." })),
  overdue: QueryBoolean({ description: "Those that are due by now and still open; `false`: all others." }),
  updated_since: Type.Optional(
    Time({ description: "Those that changed at this moment or after it, those in the trash too." }),
  ),
  q: QueryText({ max: 255, description: "Those with this text in title or description, or with this key." }),
  deleted: QueryBoolean({ description: "Those in the trash, for those who may restore them." }),
  sort: QueryOneOf(sorts, { description: "`-` for descending; nulls come last, and low before urgent." }),
});
