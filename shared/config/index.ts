export { ConfigError } from "./config-error.ts";
export { envExample } from "./example.ts";
export { type Config, type DatabaseConfig, type Environment, loadConfig, type Target } from "./load.ts";
export { configOrExit } from "./start.ts";
