import { foldedText, type Searched } from "@stoa/db/search/index";
import type { Task } from "./schema.ts";

/** What of tasks is searched: title and description. */
export const searchedTasks: Searched = { table: "tasks", columns: ["title", "description"] };

/** The column `folded` of a task with these texts: every statement that writes one of them writes it too. */
export function foldedTask({ title, description }: Pick<Task, "title" | "description">): string {
  return foldedText([title, description]);
}
