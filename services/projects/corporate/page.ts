import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { Nullable } from "@stoa/http";
import { normalize } from "@stoa/http/normalize";
import { validatorOf } from "@stoa/http/validator";
import { DataProject, MOST_ITEMS } from "../data/schema.ts";
import { keyPattern } from "../projects/key.ts";

const Ident = Type.Union([Type.String({ minLength: 1 }), Type.Integer()]);
const text = Type.Optional(Nullable(Type.String()));

/** A project as the corporate list has it; unknown members are ignored. */
const Listed = Type.Object({
  id: Type.Optional(Ident),
  external_id: Type.Optional(Ident),
  name: text,
  title: text,
  description: text,
  key: text,
});

/** A page of the corporate list. */
const Listing = Type.Object({
  items: Type.Array(Listed, { maxItems: MOST_ITEMS }),
  next: Type.Optional(Nullable(Type.String({ maxLength: 8_192 }))),
});

const Projects = Type.Object({ projects: Type.Array(DataProject) });
const validator = validatorOf(Projects, {});

/** A page that was read whole. */
export interface ListedPage {
  readonly projects: readonly DataProject[];
  /** The address of the next page, perhaps a relative one; null: there is none. */
  readonly next: string | null;
}

/** Reads a page: undefined unless all of it is as agreed, as a batch save would take it. */
export function readPage(answer: unknown): ListedPage | undefined {
  if (!Value.Check(Listing, answer)) return undefined;
  const { value, errors } = normalize({ projects: answer.items.map(projectOf) }, validator.schema);
  if (errors.length > 0 || validator.validate(value).length > 0) return undefined;
  return { projects: (value as Static<typeof Projects>).projects, next: answer.next || null };
}

/** The project of an item. What is no key here is left out: one is made from the name. */
function projectOf({ id, external_id = id, title, name = title, description, key }: Static<typeof Listed>) {
  return {
    external_id: external_id === undefined ? undefined : String(external_id),
    name,
    ...(description !== undefined && { description }),
    ...(key && keyPattern.test(key) && { key }),
  };
}
