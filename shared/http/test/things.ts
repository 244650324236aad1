import { Type } from "@sinclair/typebox";
import { controller, type HttpDeps, Id, Nullable, OneOf, operation, Patch, Text, Time } from "../index.ts";

const Thing = Type.Object({
  id: Id(),
  title: Text({ max: 10 }),
  due_at: Nullable(Time()),
  version: Type.Integer(),
  created_at: Type.String(),
  finished_at: Nullable(Type.String()),
});

const NewThing = Type.Object({
  title: Text({ max: 10 }),
  due_at: Type.Optional(Nullable(Time())),
  secret: Type.Optional(Text({ max: 20, verbatim: true })),
  status: Type.Optional(OneOf(["open", "done"])),
  labels: Type.Optional(Type.Array(Text({ max: 5 }), { maxItems: 3, uniqueItems: true })),
  size: Type.Optional(Type.Object({ width: Type.Integer({ minimum: 1, maximum: 9 }) })),
  kind: Type.Optional(Type.Union([Type.Literal("a"), Type.Literal("b")])),
  notes: Type.Optional(Text({ min: 0, max: 20, lines: true })),
  words: Type.Optional(Text({ max: 5, lines: true, untrimmed: true })),
  slug: Type.Optional(Text({ min: 3, max: 9, pattern: "^[a-z]+$", message: "A slug has small letters only." })),
});

/** Routes with bodies of every sort, open to anyone. */
export const thingRoutes = (http: HttpDeps) => [
  controller(http)
    .post(
      "/things",
      ({ body }) => body,
      operation({
        id: "test.make",
        access: "anyone",
        summary: "Make",
        body: NewThing,
        answer: undefined,
        status: 201,
        maxBytes: 1024 * 1024,
      }),
    )
    .patch(
      "/things",
      ({ body }) => body,
      operation({
        id: "test.change",
        access: "anyone",
        summary: "Change",
        body: Patch({ title: Text({ max: 10 }), due_at: Nullable(Time()) }, Thing),
        ignored: ["noise"],
      }),
    )
    .put(
      "/things",
      ({ body }) => body,
      operation({
        id: "test.change",
        access: "anyone",
        summary: "Change",
        body: Patch({ title: Text({ max: 10 }) }, Thing),
      }),
    )
    .post(
      "/fetched",
      ({ body }) => body,
      operation({
        id: "test.make",
        access: "anyone",
        summary: "Make",
        body: NewThing,
        answer: undefined,
        maxBytes: 16,
      }),
    )
    .post(
      "/maybe",
      ({ body }) => ({ body: body ?? null }),
      operation({
        id: "test.maybe",
        access: "anyone",
        summary: "Maybe",
        body: Type.Optional(Type.Object({ a: Type.Integer() })),
      }),
    )
    .post(
      "/lines",
      ({ body }) => ({ lines: body.split("\n").length }),
      operation({
        id: "test.lines",
        access: "anyone",
        summary: "Lines",
        body: Type.String({ maxLength: 100 }),
        mediaType: "application/x-ndjson",
      }),
    )
    .post(
      "/bare",
      ({ body }) => ({ body: body ?? null }),
      operation({ id: "test.nothing", access: "anyone", summary: "Nothing" }),
    ),
];
