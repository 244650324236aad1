/**
 * An error that the operator can fix, such as a wrong setting or a database of another version. The message is one
 * line that says what is wrong and what to do, without a secret. The process prints it without a stack and ends.
 */
export class OperatorError extends Error {
  override readonly name: string = "OperatorError";
}
