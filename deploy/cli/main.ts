import { run } from "./stoa.ts";

const code = await run(Bun.argv.slice(2), process.env, (line, error) =>
  error ? console.error(line) : console.log(line),
);
if (code !== undefined) process.exitCode = code;
