export { catalogue, describe, type ErrorCode } from "./catalogue.ts";
export { type ErrorDetails, type FieldError, StoaError } from "./stoa-error.ts";
