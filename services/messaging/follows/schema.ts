import { type Static, Type } from "@sinclair/typebox";
import { Id } from "@stoa/http";

/** Path of a followed task. */
export const FollowParams = Type.Object({ id: Id({ description: "A task." }) });

/** Whether a user follows a task. */
export const Follow = Type.Object(
  {
    task_id: Id({ description: "The task." }),
    following: Type.Boolean({ description: "Whether you are notified of what is said about the task." }),
  },
  { title: "Follow" },
);
/** Whether a user follows a task. */
export type Follow = Static<typeof Follow>;
