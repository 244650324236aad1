import { Type } from "@sinclair/typebox";
import { controller, operation, Text } from "@stoa/http";
import { DataSaved } from "../data/schema.ts";
import type { ProjectsDeps } from "../deps.ts";
import { fetchedExample } from "../examples.ts";
import { fetchProjects } from "./fetch-projects.ts";

/** Body of POST /projects/fetch-projects. */
const CorporateCredential = Type.Object(
  {
    credential: Text({
      max: 8_192,
      verbatim: true,
      pattern: "^[\\x21-\\x7e]+$",
      message: "A credential is printable ASCII without spaces.",
      description: "Goes to the corporate list of projects as a bearer token; it is not kept.",
    }),
  },
  { title: "CorporateCredential" },
);

/** The import of the projects of a corporate system. */
export const corporateRoutes = (deps: ProjectsDeps) =>
  controller(deps.http, "/api/v1/projects").post(
    "/fetch-projects",
    ({ actor, body }) => fetchProjects(deps, actor, body.credential),
    operation({
      id: "projects.fetch",
      access: "user",
      tags: ["data"],
      summary: "Save your projects of the corporate system",
      description: `Reads the corporate list of projects with your credential, and saves each page of it as a batch save
does, under the source \`ace\`. Nothing of a page that is not as agreed is saved; those before it are, and stay so when you
send this again.`,
      body: CorporateCredential,
      answer: DataSaved,
      errors: ["invalid_credentials", "directory_unavailable", "not_configured"],
      example: { body: { credential: "a.corporate.credential" }, answer: fetchedExample },
    }),
  );
