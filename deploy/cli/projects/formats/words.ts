import type { TaskPriority, TaskStatus } from "@stoa/events";

const statuses: Readonly<Record<TaskStatus, string>> = {
  pending: "pending, to do, todo, open, new, backlog, not started, planned, queued, ready",
  in_progress: "in progress, doing, started, in development, wip, active, working",
  in_review: "in review, review, reviewing, testing, in testing, qa, verify",
  completed: "completed, complete, done, closed, resolved, finished, fixed",
  cancelled: "cancelled, canceled, rejected, won't do, wont do, won't fix, duplicate, abandoned",
};

const priorities: Readonly<Record<TaskPriority, string>> = {
  low: "low, lowest, minor, trivial, p4, p5",
  medium: "medium, normal, none, no priority, default, p3",
  high: "high, major, important, p2",
  urgent: "urgent, highest, critical, blocker, immediate, p1, p0",
};

const table = <T extends string>(words: Readonly<Record<T, string>>) =>
  new Map(
    (Object.entries(words) as [T, string][]).flatMap(([value, names]) =>
      names.split(", ").map((name) => [name, value] as const),
    ),
  );
const statusWords = table(statuses);
const priorityWords = table(priorities);
const plain = (text: string) =>
  text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, " ");

/** The status that other systems call so; undefined for a name that says none. */
export const statusCalled = (name: string): TaskStatus | undefined => statusWords.get(plain(name));

/** The priority that other systems call so; undefined for a name that says none. */
export const priorityCalled = (name: string): TaskPriority | undefined => priorityWords.get(plain(name));
