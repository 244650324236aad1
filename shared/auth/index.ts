export type { Actor, Principal } from "./principal.ts";
export type { Override, Revocations } from "./revocations.ts";
