import type { Actor } from "@stoa/auth";
import { controller, operation } from "@stoa/http";
import type { ProjectsDeps } from "../deps.ts";
import { savedExample, saveExample } from "../examples.ts";
import type { AddPeople } from "./meet.ts";
import { saveData } from "./save.ts";
import { DataSave, DataSaved } from "./schema.ts";

const MAX_BYTES = 16 * 1024 * 1024;

/** Adds people in the name of a superuser, whose token goes to identity. */
const adding =
  (
    { identity }: ProjectsDeps,
    { cause }: Actor,
    { authorization = "" }: Readonly<Record<string, string | undefined>>,
  ): AddPeople =>
  (people, dry_run) =>
    identity.addPeople({ authorization, cause }, people, dry_run);

/** The import of another system's projects and tasks. */
export const dataRoutes = (deps: ProjectsDeps) =>
  controller(deps.http, "/api/v1/data").post(
    "/save",
    ({ actor, body, headers }) =>
      saveData(deps, actor, body, actor.is_superuser ? adding(deps, actor, headers) : undefined),
    operation({
      id: "data.save",
      access: "user",
      tags: ["data"],
      summary: "Save projects and tasks of another system",
      description: `Items are known by their ids in the other system, for each user and source. What is new is made, what has
changed there is changed here, and what people have changed here since the last import is kept. Each item is judged by
itself, with your rights; one that fails says why. Items refer to each other in any order. The same payload again changes
nothing. At most 1,000 items together. People who exist nowhere are added, without a password, when a superuser asks.`,
      body: DataSave,
      answer: DataSaved,
      maxBytes: MAX_BYTES,
      errors: ["import_failed"],
      problems: { import_failed: DataSaved },
      example: { body: saveExample, answer: savedExample },
    }),
  );
