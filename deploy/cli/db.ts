import { parseArgs } from "node:util";
import { DatabaseError } from "@stoa/db";
import { DataDirLockedError } from "@stoa/db/file-lock";
import { MigrationError } from "@stoa/db/migrations";
import { type ServiceName, services } from "@stoa/events";
import { commands, UsageError, usage } from "./db/commands.ts";

const { values, positionals } = parseArgs({
  args: Bun.argv.slice(2),
  allowPositionals: true,
  options: {
    service: { type: "string", short: "s" },
    to: { type: "string" },
    name: { type: "string" },
    migrate: { type: "boolean", default: false },
    custom: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

try {
  const command = commands[positionals[0] ?? ""];
  if (values.help) {
    console.log(usage);
  } else {
    if (!command) throw new UsageError(usage);
    let ok = true;
    for (const service of servicesNamed(values.service)) ok = (await command(service, values)) && ok;
    process.exitCode = ok ? 0 : 1;
  }
} catch (error) {
  process.exitCode = 1;
  console.error(explain(error));
}

function servicesNamed(name: string | undefined): readonly ServiceName[] {
  if (name === undefined) return services;
  const found = services.find((service) => service === name);
  if (!found) throw new UsageError(`There is no service ${name}; the services are ${services.join(", ")}.`);
  return [found];
}

function explain(error: unknown): string {
  if (error instanceof DataDirLockedError) {
    return `${error.message} A running Stoa has applied its migrations; ask it for their state with GET /api/v1/health/ready.`;
  }
  if (error instanceof DatabaseError && error.failure !== "other" && error.failure !== "constraint") {
    return "The database does not answer; check its address and token.";
  }
  if (error instanceof UsageError || error instanceof MigrationError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
