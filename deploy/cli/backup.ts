import { runBackup } from "./backup/main.ts";

process.exitCode = runBackup(Bun.argv.slice(2), process.env, (line, error) =>
  error ? console.error(line) : console.log(line),
);
