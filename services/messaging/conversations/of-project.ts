import { derivedId } from "@stoa/db";

/**
 * The id of a project's conversation. It follows from the project's id, so that every reaction knows it without
 * looking; its time is the project's.
 */
export function conversationOf(project_id: string): string {
  return derivedId(project_id, "conversation");
}
