import { type Handler, on } from "@stoa/bus/types";
import { conversationOf } from "../conversations/of-project.ts";
import { announce, announceAnew } from "./announce.ts";

/**
 * A project's conversation is told when a task is completed, by a system message. It holds no name: users have ids. Tasks
 * that one request completed together have one message, which the first of them sends. That a task was reopened is told
 * only by the message that says otherwise, while it may still be changed.
 */
export const completionHandlers: readonly Handler[] = [
  on("reaction", "task.completed", (event) => {
    const { project_id, batch, task_id } = event.data;
    if (project_id === null || (batch && batch.position > 1)) return [];
    const conversation_id = conversationOf(project_id);
    const task = nameOf(event.data);
    if (!batch) return announce(event, { conversation_id, subject: task_id, content: `Task completed: ${task}` });
    const content = `${batch.size} tasks completed: ${task} and ${batch.size - 1} more`;
    return announce(event, { conversation_id, subject: `${task_id} and ${batch.size - 1}`, content });
  }),

  on("reaction", "task.reopened", (event) => {
    const { project_id, task_id: subject } = event.data;
    if (project_id === null) return [];
    const content = `Task reopened: ${nameOf(event.data)}`;
    return announceAnew(event, { conversation_id: conversationOf(project_id), subject, content });
  }),
];

function nameOf({ key, title }: { readonly key: string | null; readonly title: string }): string {
  return `${key === null ? "" : `${key} `}${title}`;
}
