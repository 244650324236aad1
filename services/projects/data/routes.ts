import { controller, operation } from "@stoa/http";
import type { ProjectsDeps } from "../deps.ts";
import { savedExample, saveExample } from "../examples.ts";
import { saveData } from "./save.ts";
import { DataSave, DataSaved } from "./schema.ts";

const MAX_BYTES = 16 * 1024 * 1024;

/** The import of another system's projects and tasks. */
export const dataRoutes = (deps: ProjectsDeps) =>
  controller(deps.http, "/api/v1/data").post(
    "/save",
    ({ actor, body }) => saveData(deps, actor, body),
    operation({
      id: "data.save",
      access: "user",
      tags: ["data"],
      summary: "Save projects and tasks of another system",
      description: `Items are known by their ids in the other system, for each user and source. What is new is made, what has
changed there is changed here, and what people have changed here since the last import is kept. Each item is judged by
itself, with your rights; one that fails says why. Items refer to each other in any order. The same payload again changes
nothing. At most 1,000 items together.`,
      body: DataSave,
      answer: DataSaved,
      maxBytes: MAX_BYTES,
      errors: ["import_failed"],
      problems: { import_failed: DataSaved },
      example: { body: saveExample, answer: savedExample },
    }),
  );
