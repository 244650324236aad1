import type { EventData } from "@stoa/events";
import { reachOf } from "../../work/reach.ts";
import type { Family } from "./family.ts";

/** What a user lost by leaving an organization goes to them alone, unless they see it again by now. */
export const accessEvents: Family = {
  events: ["access.lost"],
  inConversations: false,
  async prepare({ db, rows, users }) {
    const read = new Map(rows.map((row) => [row.seq, JSON.parse(row.data) as EventData<"access.lost">]));
    const projects = [...read.values()].flatMap(({ object }) => (object.type === "project" ? object.id : []));
    const reach = await reachOf(db, { projects, organizations: [] }, users);
    return function* (row) {
      const lost = read.get(row.seq);
      if (!lost || !users.has(lost.user_id) || reach.sees(lost.object.id, lost.user_id)) return;
      yield [lost.user_id, JSON.stringify({ object: lost.object })];
    };
  },
};
