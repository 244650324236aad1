import type { Actor } from "@stoa/auth";
import type { Database } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { readProject } from "../projects/read.ts";
import type { Member } from "../projects/schema.ts";

/** A member of a project that the user sees. @throws StoaError `not_found`, `forbidden`. */
export async function readMember(db: Database, actor: Actor, project_id: string, user_id: string): Promise<Member> {
  const { members: all } = await readProject(db, actor, project_id);
  const member = all.find((one) => one.user_id === user_id);
  if (!member) throw new StoaError("not_found", { detail: "There is no such member." });
  return member;
}
