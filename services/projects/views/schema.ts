import { type Static, Type } from "@sinclair/typebox";
import { Id, Nullable, OneOf, Patch, Text, Time, Version, withDefault } from "@stoa/http";
import { sorts } from "../tasks/sort.ts";
import { type ViewFilter as Filter, filters } from "./filter.ts";

/**
 * The query of `GET /tasks`, as an object: by the name of the parameter. `readFilter` reads the values, for a list may also
 * be a text with commas, as it stands there.
 */
const ViewFilter = Type.Object(
  Object.fromEntries(filters.map(([name, documented]) => [name, Type.Optional(Type.Unknown({ documented }))])),
  { title: "ViewFilter", description: "Filters of `GET /tasks`, by name.", additionalProperties: false },
);
/** What its creator says of a view. */
const fields = {
  name: Text({ max: 255 }),
  filter: Type.Unsafe<Filter>(ViewFilter),
  sort: Nullable(OneOf(sorts, { description: "As in `GET /tasks`; null: newest first." })),
  is_shared: withDefault(
    Type.Boolean({ description: "Whether everyone who sees the project sees it; otherwise its creator alone." }),
    false,
  ),
};

/** A saved filter of a project's tasks. */
export const View = Type.Object(
  {
    id: Id(),
    project_id: Id({ description: "The project whose tasks it shows." }),
    ...fields,
    creator_id: Id({ description: "The user who saved it." }),
    version: Version,
    created_at: Time(),
    updated_at: Time(),
  },
  { title: "View", additionalProperties: false },
);
/** A saved filter of a project's tasks. */
export type View = Static<typeof View>;

/** Body of POST /projects/{id}/views. */
export const NewView = Type.Object(
  { ...fields, sort: Type.Optional(fields.sort), is_shared: Type.Optional(fields.is_shared) },
  { title: "NewView" },
);
/** The body of POST /projects/{id}/views. */
export type NewView = Static<typeof NewView>;

/** A merge patch of a filter: what is absent stays, and null takes a filter away. */
const FilterPatch = Type.Object(
  Object.fromEntries(
    filters.map(([name, documented]) => [name, Type.Optional(Type.Unknown({ documented: Nullable(documented) }))]),
  ),
  { title: "ViewFilterPatch", description: "What is absent stays, and null goes.", additionalProperties: false },
);

/** Body of PATCH and PUT /projects/{id}/views/{view_id}. */
export const ViewPatch = Patch({ ...fields, filter: Type.Unsafe<Filter>(FilterPatch) }, View);
/** A change of a view. */
export type ViewPatch = Static<typeof ViewPatch>;
/** The names of the fields that it may change. */
export const viewFields = Object.keys(fields) as readonly (keyof typeof fields)[];

/** Path of one view. */
export const ViewParams = Type.Object({
  id: Id({ description: "A project." }),
  view_id: Id({ description: "A view." }),
});
