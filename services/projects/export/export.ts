import type { Actor } from "@stoa/auth";
import type { ProjectsDeps } from "../deps.ts";
import { readLiveProject } from "../projects/read.ts";
import { documentOf } from "./document.ts";
import type { ExportQuery } from "./schema.ts";
import { tableOf } from "./table-text.ts";
import { textStream } from "./text-stream.ts";

const mediaTypes = { csv: "text/csv; charset=utf-8", json: "application/json; charset=utf-8" } as const;

/**
 * A file with a project's tasks, for those who see it: made as it is sent, whatever its size.
 *
 * @throws StoaError `not_found`, `forbidden`.
 */
export async function exportProject(
  { db, closing }: Pick<ProjectsDeps, "db" | "closing">,
  actor: Actor,
  id: string,
  { format = "json", bom = false }: ExportQuery,
): Promise<Response> {
  const project = await readLiveProject(db, actor, id);
  const pieces = format === "csv" ? tableOf(db, actor, project, bom) : documentOf(db, actor, project);
  return new Response(textStream(pieces, closing), {
    headers: {
      "content-type": mediaTypes[format],
      "content-disposition": `attachment; filename="${project.key}.${format}"`,
      "cache-control": "no-store",
      // Tells nginx and its like not to collect the whole of it first.
      "x-accel-buffering": "no",
    },
  });
}
