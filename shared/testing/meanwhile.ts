import type { Database } from "@stoa/db";

/**
 * Lets something happen between what a command reads and what it writes: the work runs once, right before the next
 * write that appends to the journal. If the work throws, that write fails with its error.
 *
 * @example
 * meanwhile(db, () => removeParticipant(deps, owner, id, user_id));
 * await expect(leaveConversation(deps, user, id)).rejects.toMatchObject({ code: "not_found" });
 */
export function meanwhile(db: Database, work: () => Promise<unknown>): void {
  const { write } = db;
  db.write = async (statements) => {
    if (!statements.some(({ sql }) => sql.startsWith("insert into journal"))) return write(statements);
    db.write = write;
    await work();
    return write(statements);
  };
}
