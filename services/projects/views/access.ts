import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import { access, allows } from "../access.ts";
import type { Project } from "../projects/schema.ts";
import type { View } from "./schema.ts";

/** The part of a command that a view is still there; it is decided anew when not. */
export function viewThere({ id }: View): Part {
  return { guard: sql`exists (select 1 from views where id = ${id})` };
}

/** The part of a command that its user may still save a view so: a private one whoever sees the project, a shared one whoever writes in it. */
export function maySave(actor: Actor, project_id: string, is_shared: boolean): Part {
  return access(actor, is_shared ? "write" : "read", project_id);
}

/**
 * The parts of a command that its user may still change or delete a view: its creator, and where it is shared the owners of
 * the project too.
 *
 * @throws StoaError `forbidden` when they may not, as it was read
 */
export function mayChange(actor: Actor, project: Project, view: View): readonly Part[] {
  if (view.creator_id === actor.user_id) return [access(actor, "read", project.id)];
  const why = () => {
    const detail = "Its creator and the owners of the project change a shared view.";
    return new StoaError("forbidden", { detail });
  };
  if (!allows(project.role, "manage")) throw why();
  const shared = sql`exists (select 1 from views where id = ${view.id} and is_shared = 1)`;
  return [access(actor, "manage", project.id), { guard: shared, why }];
}
