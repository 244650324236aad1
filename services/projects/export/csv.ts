import type { Task } from "../tasks/schema.ts";

/** The columns of the table, in their order; each is a field of a task, or made of one. */
const columns: readonly (Exclude<keyof Task, "assignee_ids"> | "assignees")[] = [
  "id",
  "key",
  "title",
  "description",
  "status",
  "priority",
  "assignees",
  "labels",
  "start_at",
  "due_at",
  "estimate_minutes",
  "logged_minutes",
  "parent_id",
  "creator_id",
  "created_at",
  "updated_at",
  "started_at",
  "completed_at",
];

/** A task with the usernames of its assignees. */
export type TableTask = Task & { readonly assignees: string | null };

/** What spreadsheets know UTF-8 by. */
export const BYTE_ORDER_MARK = "\uFEFF";

/** The first line of the table. */
export const header = line(columns);

/** The line of a task. Labels are parted by commas; one that has a comma or quotes in it stands within quotes. */
export function lineOf(task: TableTask): string {
  return line(
    columns.map((column) => {
      const value = task[column];
      return Array.isArray(value) ? value.map(part).join(", ") : value;
    }),
  );
}

/** A value in a list of some, as the filters of tasks and the import read it. */
function part(value: string): string {
  return /[",]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** A record as RFC 4180 has it, section 2: commas between cells, CR and LF at its end. */
function line(values: readonly unknown[]): string {
  return `${values.map(cell).join(",")}\r\n`;
}

/**
 * A cell. Spreadsheets take one that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a formula, and what a
 * task is called is anybody's: an apostrophe before it makes it text. Source: OWASP, "CSV Injection".
 */
function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = String(value);
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
