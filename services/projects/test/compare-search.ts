import { type Comparison, disagreements } from "@stoa/db/search/test/oracle";
import type { Page } from "@stoa/http";
import type { Task } from "../tasks/schema.ts";
import { startTeam } from "./team.ts";

/** Compares the search for tasks, through the whole service, with a slow reading of all. Returns what differs. */
export async function compareSearch(how: Pick<Comparison, "searches" | "texts" | "seed">): Promise<object[]> {
  const team = await startTeam();
  const { id: project_id } = await team.project();
  try {
    return await disagreements({
      ...how,
      write: async (texts) => {
        for (const [title, description] of texts) await team.task(team.ada, { title, description, project_id });
      },
      find: async (q) => {
        const titles: string[] = [];
        for (let cursor = ""; ; ) {
          const path = `/tasks?limit=100&q=${encodeURIComponent(q)}${cursor}`;
          const { status, body } = await team.ask<Page<Task>>("GET", path, { as: team.linus });
          if (status !== 200) throw new Error(`${path} is ${status}: ${JSON.stringify(body)}`);
          titles.push(...body.items.map(({ title }) => title));
          if (body.next_cursor === null) return titles;
          cursor = `&cursor=${body.next_cursor}`;
        }
      },
    });
  } finally {
    await team.close();
  }
}
