import { controller, operation } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { Settings } from "./schema.ts";

/** What a login page must know. */
export function settingsRoutes(deps: Deps) {
  const { registration, directory, http } = deps;
  const settings = { registration, corporate_login: directory !== null, passkeys: false, version: http.version };
  return controller(http, "/api/v1/auth").get(
    "/settings",
    () => settings,
    operation({
      id: "auth.settings.get",
      access: "anyone",
      summary: "Read how one can register and log in here",
      description: "For login pages: what this Stoa offers to somebody who has not logged in.",
      tags: ["sessions"],
      answer: Settings,
      example: { answer: { registration: "invited", corporate_login: false, passkeys: false, version: "0.1.0" } },
    }),
  );
}
