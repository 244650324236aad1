import type { Actor, Principal } from "@stoa/auth";
import { newId } from "@stoa/db";
import { system } from "@stoa/events";

/** A user with a valid session, who has no resources in any service yet. */
export function testActor(username: string, changes: Partial<Principal> = {}): Actor {
  const principal: Principal = {
    user_id: newId(),
    session_id: newId(),
    username,
    roles: [],
    is_superuser: false,
    auth_time: 0,
    amr: ["pwd"],
    expires_at: 4_000_000_000,
    token_id: newId(),
    ...changes,
  };
  const { user_id: actor_id, session_id } = principal;
  return { ...principal, cause: { ...system, actor_id, session_id } };
}
