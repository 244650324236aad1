/**
 * Something that whoever runs Stoa can mend: a setting, a database of another version. The message is one line that
 * says what and how, without a secret; a root prints it, without a stack, and ends.
 */
export class OperatorError extends Error {
  override readonly name: string = "OperatorError";
}
