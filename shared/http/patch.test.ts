import { describe, expect, test } from "bun:test";
import { canonicalJson, fingerprint, sameJson } from "./canonical-json.ts";
import { changesOf, refuseReadOnly, valuesOf } from "./patch.ts";

describe("the changes of a patch", () => {
  const task = { title: "Old", due_at: "2026-11-20" as string | null, labels: ["a"], version: 4 };

  test("are the fields that differ, from and to", () => {
    expect(changesOf(task, { title: "New", due_at: null, labels: ["a"] }, ["title", "due_at", "labels"])).toEqual([
      { field: "title", from: "Old", to: "New" },
      { field: "due_at", from: "2026-11-20", to: null },
    ]);
  });

  test("are none when everything is as it was", () => {
    expect(changesOf(task, { title: "Old", labels: ["a"] }, ["title", "due_at", "labels"])).toEqual([]);
    expect(changesOf({ ...task, due_at: null }, { due_at: null }, ["due_at"])).toEqual([]);
  });

  test("never hold a field outside those given", () => {
    const patch = { title: "New", version: 9 };
    expect(changesOf(task, patch, ["title"])).toEqual([{ field: "title", from: "Old", to: "New" }]);
  });

  test("become a row", () => {
    expect(valuesOf<typeof task, "title">([{ field: "title", from: "Old", to: "New" }])).toEqual({ title: "New" });
  });
});

describe("a read-only field", () => {
  const user = { id: "u1", roles: ["a"], full_name: "A", version: 3, created_at: "2026-11-20T09:00:00.000Z" };

  test("may be sent back as it was fetched", () => {
    expect(() => refuseReadOnly(user, { ...user, full_name: "B" }, ["full_name"])).not.toThrow();
  });

  test("is ignored when it is the version or a time", () => {
    expect(() => refuseReadOnly(user, { version: 99, created_at: "x", last_login_at: null }, [])).not.toThrow();
  });

  test("is refused when it differs or is unknown, each named", () => {
    expect(() =>
      refuseReadOnly(user, { id: "u2", roles: [], is_superuser: true, full_name: "B" }, ["full_name"]),
    ).toThrow(
      expect.objectContaining({
        code: "validation_failed",
        errors: ["/id", "/roles", "/is_superuser"].map((path) => ({ path, message: expect.any(String) })),
      }),
    );
  });

  test("that is a time is refused nowhere, one that may change is not its business", () => {
    expect(() => refuseReadOnly(user, { due_at: "2026-01-01", id: undefined }, ["due_at"])).not.toThrow();
  });
});

describe("canonical JSON", () => {
  test("sorts members at every depth and leaves arrays", () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }, 1], a: { z: null, y: undefined } })).toBe(
      '{"a":{"z":null},"b":[{"c":2,"d":1},1]}',
    );
  });

  test("gives one fingerprint to one value", () => {
    expect(fingerprint({ a: 1, b: 2 })).toBe(fingerprint({ b: 2, a: 1 }));
    expect(fingerprint({ a: 1 })).not.toBe(fingerprint({ a: "1" }));
    // SHA-256 of the empty string.
    expect(fingerprint(undefined)).toStartWith("e3b0c44298fc1c14");
  });

  test("decides whether two values are the same", () => {
    expect(sameJson({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toBe(true);
    expect(sameJson(null, {})).toBe(false);
    expect(sameJson("1", 1)).toBe(false);
  });
});
