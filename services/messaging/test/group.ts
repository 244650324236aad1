import type { Conversation } from "../conversations/schema.ts";
import { serve } from "./service.ts";
import type { Person, World } from "./world.ts";

/** Messaging as a service, with a group. */
export async function group(world: World, owner: Person, ...others: Person[]) {
  const service = await serve(world);
  const made = await service.call<Conversation>(owner, "POST", "/conversations", {
    type: "group",
    title: "G",
    participant_ids: others.map(({ user_id }) => user_id),
  });
  return { service, conversation: made.json };
}
