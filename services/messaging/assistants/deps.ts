import type { AssistantSettings } from "./settings.ts";

/** What the routes need of assistants. */
export interface AssistantDeps {
  /** Undefined when the operator has named no server: assistants cannot be added, and none answers. */
  readonly settings: AssistantSettings | undefined;
  /** Tells the process's own writer that an answer was cancelled, so that it stops at once. */
  readonly stop: (message_id: string) => void;
}
