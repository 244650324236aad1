import { revocationHandlers } from "@stoa/auth";
import type { Handler } from "@stoa/bus/types";
import { forgetBlocks } from "./blocks/on-user-erased.ts";
import { projectConversationHandlers } from "./conversations/on-project.ts";
import { directoryHandlers } from "./directory/on-user.ts";
import { forgetWhere } from "./directory/on-user-erased.ts";
import { followHandlers } from "./follows/on-purged.ts";
import { membershipHandlers } from "./memberships/on-project-member.ts";
import { completionHandlers } from "./messages/on-task-completed.ts";
import { reachHandlers } from "./notifications/on-access-lost.ts";
import { additionHandlers } from "./notifications/on-member-added.ts";
import { assignmentHandlers } from "./notifications/on-task-assigned.ts";
import { dueHandlers } from "./notifications/on-task-due.ts";
import { forgetNotifications } from "./notifications/on-user-erased.ts";
import { accessLostHandlers } from "./organizations/on-access-lost.ts";
import { organizationHandlers } from "./organizations/on-organization.ts";
import { passGroupsOn } from "./participants/on-user-erased.ts";
import { projectHandlers } from "./projects/on-project.ts";
import { taskHandlers } from "./tasks/on-task.ts";
import { forgetPersonalWork } from "./work/on-user-erased.ts";
import { workHandlers } from "./work/on-work.ts";

/**
 * What the service does with the events of identity and projects.
 *
 * @param accessTokenSeconds how long access tokens live
 */
export function handlers(accessTokenSeconds: number): readonly Handler[] {
  return [
    ...directoryHandlers,
    forgetWhere,
    ...revocationHandlers(accessTokenSeconds),
    ...workHandlers,
    forgetPersonalWork,
    ...accessLostHandlers,
    ...organizationHandlers,
    ...projectHandlers,
    ...membershipHandlers,
    // Before the projection of tasks, which forgets what was in a project that is gone.
    ...followHandlers,
    ...taskHandlers,
    ...projectConversationHandlers,
    ...completionHandlers,
    ...assignmentHandlers,
    ...dueHandlers,
    ...additionHandlers,
    ...reachHandlers,
    forgetNotifications,
    forgetBlocks,
    passGroupsOn,
  ];
}
