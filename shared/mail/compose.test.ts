import { expect, test } from "bun:test";
import { compose } from "./compose.ts";

const words = { subject: "Join us", name: "ada", paragraphs: ["Open this link:"], closing: ["Ignore it otherwise."] };

test("a mail says the same as text and as HTML, with the token behind # and by itself", () => {
  const link = { page: "accept-invitation", token: "abc-_1" } as const;
  const { subject, text, html } = compose("https://app.example.com", { ...words, link });
  expect(subject).toBe("Join us");
  expect(text).toBe(`Hello ada,

Open this link:

https://app.example.com/accept-invitation#token=abc-_1

If you are asked for a code, it is abc-_1

Ignore it otherwise.
`);
  const url = "https://app.example.com/accept-invitation#token=abc-_1";
  expect(html).toContain(`<p><a href="${url}">${url}</a></p>`);
  for (const line of ["Hello ada,", "Open this link:", "Ignore it otherwise."])
    expect(html).toContain(`<p>${line}</p>`);
});

test("without a link or a name it has neither", () => {
  const { text, html } = compose("", { ...words, name: null });
  expect(text).toBe("Hello,\n\nOpen this link:\n\nIgnore it otherwise.\n");
  expect(html).not.toContain("href");
});

test("what people chose themselves is escaped in HTML, and nothing is fetched", () => {
  const { html } = compose("https://app.example.com", {
    ...words,
    paragraphs: [`"Rock & <img src=x onerror=alert(1)>" invites you.`],
  });
  expect(html).toContain("<p>&quot;Rock &amp; &lt;img src=x onerror=alert(1)&gt;&quot; invites you.</p>");
  expect(html).not.toMatch(/<(img|script|link|style|iframe)/);
});
