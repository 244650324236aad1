/**
 * What a message says itself, of its Markdown: without fenced code, code spans and quotes, in whose place stands an empty
 * line or a space. (CommonMark 0.31, sections 4.5, 5.1 and 6.1. Indented lines stay: in a chat they are no code.)
 */
export function spoken(content: string): string {
  return blocks(content).map(withoutSpans).join("\n\n");
}

/** The paragraphs, without fenced code and without quotes. */
function blocks(content: string): string[] {
  const found: string[] = [];
  let lines: string[] = [];
  let fence: { readonly mark: string; readonly length: number } | undefined;
  const end = () => {
    if (lines.length > 0) found.push(lines.join("\n"));
    lines = [];
  };
  for (const line of content.split(/\r\n|\r|\n/)) {
    const [, run = "", rest = ""] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    const mark = run.slice(0, 1);
    if (fence) {
      if (mark === fence.mark && run.length >= fence.length && rest.trim() === "") fence = undefined;
    } else if (run !== "" && !(mark === "`" && rest.includes("`"))) {
      end();
      fence = { mark, length: run.length };
    } else if (/^ {0,3}>/.test(line) || line.trim() === "") {
      end();
    } else {
      lines.push(line);
    }
  }
  end();
  return found;
}

/** A paragraph without its code spans: each is between two runs of the same number of backticks. */
function withoutSpans(paragraph: string): string {
  const runs = [...paragraph.matchAll(/`+/g)].map(({ 0: { length }, index }) => ({ index, length }));
  let said = "";
  let from = 0;
  for (let opening = 0; opening < runs.length; opening++) {
    const { index, length } = runs[opening] ?? { index: 0, length: 0 };
    const isEscaped = (/\\+$/.exec(paragraph.slice(from, index))?.[0].length ?? 0) % 2 === 1;
    if (isEscaped) continue;
    const closing = runs.findIndex((run, at) => at > opening && run.length === length);
    const last = runs[closing];
    if (!last) continue;
    said += `${paragraph.slice(from, index)} `;
    from = last.index + length;
    opening = closing;
  }
  return said + paragraph.slice(from);
}
