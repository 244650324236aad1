import { afterAll, describe, expect, test } from "bun:test";
import { everywhere } from "./permissions-everywhere.ts";
import { identity } from "./permissions-identity.ts";
import { messaging } from "./permissions-messaging.ts";
import { organizationProjects } from "./permissions-organization-projects.ts";
import { organizations } from "./permissions-organizations.ts";
import { projects } from "./permissions-projects.ts";
import { Caller } from "./routes/ask.ts";
import type { Row, Table } from "./routes/matrix.ts";
import { castOf, MatrixRunner } from "./routes/matrix-runner.ts";
import { routesOf, type ServiceRoute, shortPath } from "./routes/operations.ts";
import { secondFactor } from "./routes/second-factor.ts";
import { Stage } from "./routes/stage.ts";
import { startStoa } from "./routes/stoa.ts";

/** Calls every route of the three services in every role, and checks who is authorized to do what. */
const matrices = { everywhere, identity, organizations, projects, organizationProjects, messaging };

const stoa = await startStoa();
const caller = new Caller(stoa);
const stage = new Stage(stoa, caller);
const cast = await castOf(stage);
const runner = new MatrixRunner(stoa, caller, stage, cast);
afterAll(() => stoa[Symbol.asyncDispose]());

const wanted = ({ roles }: Table, { statuses }: Row) =>
  Object.fromEntries(roles.map((role, i) => [role, statuses[i] ?? 0]));

test("every route has a row in a matrix, and every row has a route", () => {
  const named = ({ service, method, path }: ServiceRoute) => `${service}: ${method} ${shortPath(path)}`;
  const rows = Object.values(matrices).flatMap(({ services, table }) =>
    services.flatMap((service) => table.rows.map(({ operation }) => `${service}: ${operation}`)),
  );
  expect([...new Set(rows)].sort()).toEqual(routesOf(stoa.apps).map(named).sort());
});

for (const [name, matrix] of Object.entries(matrices)) {
  describe(name, () => {
    for (const service of matrix.services) {
      for (const row of matrix.table.rows) {
        test(`${row.name} (${service})`, async () => {
          expect(await runner.row(matrix, service, row)).toEqual({ statuses: wanted(matrix.table, row), faults: [] });
        });
      }
    }
  });
}

test("with the password but without the second factor a user has no access token, and the mfa_token authorizes nothing", async () => {
  const person = await stage.person();
  await secondFactor(stage, person);
  const json = { username: person.username, password: person.password };
  const pending = await stage.refused("POST /auth/login", { json });
  expect(pending).toMatchObject({ status: 401, error_code: "mfa_required", mfa_token: expect.any(String) });
  expect(Object.keys(pending).filter((name) => /access|refresh|session/.test(name))).toEqual([]);
  const token = String(pending["mfa_token"]);
  for (const name of ["GET /auth/me", "GET /projects", "GET /conversations", "GET /stream", "DELETE /auth/mfa/totp"]) {
    expect(await stage.refused(name, { token })).toMatchObject({ status: 401, error_code: "invalid_token" });
  }
});

test("every event that came of it can be read by whoever follows the journals", async () => {
  expect(await stoa.damages()).toEqual([]);
});

test("nothing on the event loop read a whole table that grows", async () => {
  expect(await stoa.wholeTables()).toEqual([]);
});

test("the server logged no failure, and every error code is declared by its operation", () => {
  expect(stoa.failures).toEqual([]);
  expect([...caller.undeclared]).toEqual([]);
});
