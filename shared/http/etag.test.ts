import { describe, expect, test } from "bun:test";
import { created, etag, ifMatch, requireMatch, tagged } from "./etag.ts";

const resource = { id: "1", version: 3 };

describe("If-Match", () => {
  test.each(['"3"', "*", '"1", "3"', '"x","3"', ' "3" ', 'W/"1", "3"', 'W/"3"'])(
    "%p lets version 3 be changed",
    (value) => {
      expect(() => requireMatch(ifMatch({ "if-match": value }), resource)).not.toThrow();
      expect(() => requireMatch(ifMatch(new Headers({ "If-Match": value })), resource)).not.toThrow();
    },
  );

  test("may be absent", () => {
    expect(() => requireMatch(ifMatch({}), resource)).not.toThrow();
    expect(() => requireMatch(ifMatch(new Headers()), resource)).not.toThrow();
    expect(ifMatch({})).toBeUndefined();
  });

  test.each([
    '"2"',
    'W/"2"',
    "3",
    '"03"',
    '"3.0"',
    '""',
    "",
    '"1", "2"',
    '"*"',
    '"-3"',
    '"3',
    '"99999999999999999999"',
  ])("%p refuses version 3 and shows it", (value) => {
    expect(() => requireMatch(ifMatch({ "if-match": value }), resource)).toThrow(
      expect.objectContaining({ code: "version_conflict", status: 412, members: { current: resource } }),
    );
  });

  test("says which versions it names, for a write that merges", () => {
    expect(ifMatch({ "if-match": '"2"' })).toEqual({ any: false, versions: [2] });
    expect(ifMatch({ "if-match": "*" })).toEqual({ any: true, versions: [] });
    expect(ifMatch({ "if-match": 'W/"2", "5", "zzz"' })).toEqual({ any: false, versions: [2, 5] });
  });
});

test("an entity tag is the version, quoted", () => {
  const set = { headers: {} as Record<string, string | number | undefined> };
  expect(etag(7)).toBe('"7"');
  expect(tagged(set, resource)).toBe(resource);
  expect(set.headers).toEqual({ etag: '"3"' });
});

test("a create answers 201 with its place and its tag", () => {
  const set: { status?: number; headers: Record<string, string | number | undefined> } = { headers: {} };
  expect(created(set, resource, "/api/v1/tasks/1")).toBe(resource);
  expect(set).toEqual({ status: 201, headers: { location: "/api/v1/tasks/1", etag: '"3"' } });
});

test("a create without a version has no tag", () => {
  const set = { headers: {} as Record<string, string | number | undefined> };
  created(set, { id: "1" }, "/api/v1/x/1");
  expect(set.headers).toEqual({ location: "/api/v1/x/1" });
});
