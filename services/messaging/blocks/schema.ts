import { type Static, Type } from "@sinclair/typebox";
import { Id, listQuery, Nullable, Time } from "@stoa/http";

/** Someone whom the user has blocked. */
export const Block = Type.Object(
  {
    user_id: Id({ description: "Who is blocked." }),
    username: Nullable(Type.String()),
    full_name: Nullable(Type.String()),
    created_at: Time({ description: "Since when." }),
  },
  { title: "Block" },
);
/** Someone whom the user has blocked. */
export type Block = Static<typeof Block>;

/** Path of one block. */
export const BlockParams = Type.Object({ user_id: Id({ description: "The user who is blocked." }) });

/** Query of GET /blocks. */
export const BlocksQuery = listQuery({});
