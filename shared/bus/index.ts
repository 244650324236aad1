export { type EventSource, type Handler, on, type StartAt, type Transport } from "./types.ts";
