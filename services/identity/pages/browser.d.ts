/** The script of the pages, imported as text. */
declare const text: string;
export default text;
