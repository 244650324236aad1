import { pickColumns, type RowOf, type Select, select, sql, storedJson } from "@stoa/db";
import { withLists } from "./filter.ts";
import { View } from "./schema.ts";
import { views } from "./table.ts";

/** The columns that a view is made from. */
export const viewColumns = pickColumns(views, View.properties);

/** A view as it is read. */
export type ViewRow = RowOf<typeof viewColumns>;

/** One view of a project. It does not check who may see it. */
export function selectView(project_id: string, id: string): Select<ViewRow> {
  return select(viewColumns, sql`from ${views} where ${views.id} = ${id} and ${views.project_id} = ${project_id}`);
}

/** A row as it goes over the wire. */
export function shapeView({ filter, sort, is_shared, ...row }: ViewRow): View {
  return {
    ...row,
    filter: withLists(storedJson(filter, "views.filter", row.id)),
    sort: sort as View["sort"],
    is_shared: is_shared === 1,
  };
}
