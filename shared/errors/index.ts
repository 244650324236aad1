export { catalogue, describe, type ErrorCode } from "./catalogue.ts";
export { OperatorError } from "./operator-error.ts";
export { type ErrorDetails, type FieldError, MOST_ERRORS, StoaError } from "./stoa-error.ts";
