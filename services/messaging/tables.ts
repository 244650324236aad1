import { guardTable } from "@stoa/journal";

export { revocations } from "@stoa/auth/revocations-table";
export { cursors, deadLetters } from "@stoa/bus/table";
export { idempotency, journal, journalIdentity } from "@stoa/journal";
export { mails } from "@stoa/mail/table";
export { answers, assistants, spending } from "./assistants/table.ts";
export { blocks } from "./blocks/table.ts";
export { conversations } from "./conversations/table.ts";
export { mailDigests } from "./digests/table.ts";
export { directory } from "./directory/table.ts";
export { messageEdits } from "./edits/table.ts";
export { taskFollows } from "./follows/table.ts";
export { memberships } from "./memberships/table.ts";
export { messageMentions } from "./mentions/table.ts";
export { messages } from "./messages/table.ts";
export { notifications } from "./notifications/table.ts";
export { organizationMembers } from "./organizations/table.ts";
export { participants } from "./participants/table.ts";
export { notificationPreferences } from "./preferences/table.ts";
export { projects } from "./projects/table.ts";
export { reactions } from "./reactions/table.ts";
export { reports } from "./reports/table.ts";
export { messageErasures } from "./retention/table.ts";
export { usedTickets } from "./stream/table.ts";
export { taskAssignees, tasks } from "./tasks/table.ts";
export { workEvents } from "./work/table.ts";

/** Rules that abort a command with an error of their own. */
export const guard = guardTable(["known_event"]);
