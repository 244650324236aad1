import { afterEach, expect, mock, spyOn, test } from "bun:test";
import { DatabaseError } from "@stoa/db";
import { OperatorError } from "@stoa/errors";
import { orExit } from "./fail.ts";

afterEach(() => mock.restore());

/** What is printed when a start fails. */
async function printed(error: unknown): Promise<string> {
  const lines: string[] = [];
  spyOn(process.stderr, "write").mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
  const exit = spyOn(process, "exit").mockImplementation(() => undefined as never);
  await orExit(() => Promise.reject(error));
  expect(exit.mock.calls).toEqual([[1]]);
  return lines.join("");
}

const withCode = (code: string, message: string) => Object.assign(new Error(message), { code });

test.each<[string, unknown, string]>([
  ["for the operator", new OperatorError("Do this."), "Do this.\n"],
  [
    "a database that is down",
    new DatabaseError("unavailable", "refused"),
    "The database does not answer; check its address and token.\n",
  ],
  [
    "a database at a server that is down",
    Object.assign(new DatabaseError("unavailable", "refused"), { server: "projects-db:8080" }),
    "The database at projects-db:8080 does not answer; check its address and token.\n",
  ],
  [
    "a port in use",
    withCode("EADDRINUSE", "in use"),
    "The port is taken; choose another with PORT, or stop what listens there.\n",
  ],
  [
    "an address of another machine",
    withCode("EADDRNOTAVAIL", "address not available, listen"),
    "HOST is no address of this machine; 0.0.0.0 is all of them.\n",
  ],
  [
    "a port below 1024",
    Object.assign(withCode("EACCES", "permission denied, listen"), { syscall: "listen" }),
    "Stoa has no right to listen on that port; choose one from 1024 on with PORT.\n",
  ],
  [
    "a file without rights",
    withCode("SQLITE_CANTOPEN", "unable to open database file"),
    "A file in the data folder cannot be used: unable to open database file (SQLITE_CANTOPEN). Stoa needs the right to read and write all of them, and room on the disk.\n",
  ],
  [
    "a full disk",
    new DatabaseError("unavailable", withCode("SQLITE_FULL", "database or disk is full")),
    "A file in the data folder cannot be used: database or disk is full (SQLITE_FULL). Stoa needs the right to read and write all of them, and room on the disk.\n",
  ],
])("what the operator can fix is one line: %s", async (_, error, line) => {
  expect(await printed(error)).toBe(line);
});

test("any other error has its stack", async () => {
  expect(await printed(new Error("a fault"))).toContain("fail.test.ts");
});
