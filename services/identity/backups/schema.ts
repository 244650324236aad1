import { type Static, Type } from "@sinclair/typebox";
import { Id, Time } from "@stoa/http";

const Journal = (service: string) =>
  Type.Object(
    {
      journal_id: Id({ description: "The id of the journal: a new database has another." }),
      seq: Type.Integer({ minimum: 0, description: "The number of its last event." }),
    },
    { description: `The journal of ${service}.` },
  );

/** A backup of all three databases. */
export const Backup = Type.Object(
  {
    id: Id(),
    created_at: Time({ description: "When it was begun: everything acknowledged before is in it." }),
    version: Type.String({ description: "The version of Stoa that made it." }),
    files: Type.Array(
      Type.Object({
        name: Type.String(),
        bytes: Type.Integer({ minimum: 0, description: "The size of the file." }),
        sha256: Type.String({ description: "SHA-256 of the file, in hexadecimal digits." }),
      }),
      { description: "What the backup consists of." },
    ),
    journals: Type.Object(
      { identity: Journal("identity"), projects: Journal("projects"), messaging: Journal("messaging") },
      { description: "The journals: their ids, and how many events of each are in it." },
    ),
    warnings: Type.Array(Type.String(), { description: "What is wrong with the databases themselves." }),
  },
  { title: "Backup" },
);
/** A backup of all three databases. */
export type Backup = Static<typeof Backup>;

/** Path of one backup. */
export const BackupParams = Type.Object({ id: Id({ description: "The id of the backup." }) });

const sha256 = "b261d0c721057547d46adc81bc4385b993ea4a05e66b897a6dd9ba1931d07ea3";

/** What the documentation shows. */
export const exampleBackup = {
  id: "019aa0f0-92a3-7ec4-b3a4-25364758697a",
  created_at: "2026-11-20T03:00:00.000Z",
  version: "0.1.0",
  files: [
    { name: "messaging.db", bytes: 258_048, sha256 },
    { name: "projects.db", bytes: 311_296, sha256 },
    { name: "identity.db", bytes: 483_328, sha256 },
    { name: "secret_key", bytes: 44, sha256 },
  ],
  journals: {
    identity: { journal_id: "019aa0f0-0000-7000-8000-000000000001", seq: 480 },
    projects: { journal_id: "019aa0f0-0000-7000-8000-000000000002", seq: 1_200 },
    messaging: { journal_id: "019aa0f0-0000-7000-8000-000000000003", seq: 310 },
  },
  warnings: [],
} satisfies Backup;
