// What the pages that mails link to do: they send a form to the API, and show in words what it answered.

const api = "/api/v1";
const form = document.querySelector("form");
const problem = form.querySelector(".problem");
const button = form.querySelector("button");
const done = document.querySelector("[data-done]");
const field = (name) => form.elements.namedItem(name);

// The token comes after #, which browsers send to nobody. It goes from the address bar and the history at once.
const mailed = new URLSearchParams(location.hash.slice(1)).get("token");
history.replaceState(null, "", location.pathname);
if (mailed) field("token").value = mailed;
else form.querySelector("[data-token]").hidden = false;

/** An answer that is no success: an RFC 9457 document, with a sentence for people in `detail`. */
class Refused extends Error {
  constructor(document, options) {
    super(document.detail, options);
    this.document = document;
  }
}

async function send(method, path, { body, token } = {}) {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  let response;
  try {
    response = await fetch(path, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
  } catch (error) {
    const detail = "Stoa cannot be reached. Look at your connection, then try again.";
    throw new Refused({ detail }, { cause: error });
  }
  const text = await response.text();
  const answer = readable(text);
  if (response.ok) return answer;
  throw new Refused({ detail: `Stoa answered ${response.status}; try again later.`, ...answer });
}

/** What a proxy answers may be no JSON. */
function readable(text) {
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return {};
  }
}

/** Sends the fields that can be seen, and the token, as they are. */
function post(path) {
  const body = Object.fromEntries(new FormData(form));
  return send("POST", path, { body: { ...body, token: body.token.trim() } });
}

/** Registers if need be, logs in, accepts, and logs out: the page keeps nothing. */
let pending;

async function acceptInvitation() {
  const token = field("token").value.trim();
  const tokens = pending ? await secondStep(pending) : await firstStep(token);
  if (!tokens) return undefined;
  try {
    return await send("POST", `${api}/invitations/accept`, { token: tokens.access_token, body: { token } });
  } finally {
    pending = undefined;
    ask(chosen());
    await send("POST", `${api}/auth/logout`, { token: tokens.access_token }).catch(() => undefined);
  }
}

async function firstStep(token) {
  const who = chosen();
  const password = field("password").value;
  if (who === "new") {
    const [email, full_name] = [field("email").value.trim(), field("full_name").value.trim()];
    const body = { email, password, invitation: token, ...(full_name && { full_name }) };
    await send("POST", `${api}/auth/register`, { body });
    // From here on they are somebody who has a user, whatever happens next.
    field("username").value = email;
    choose("known");
  }
  const username = field("username").value.trim();
  const [path, body] =
    who === "corporate"
      ? [`${api}/auth/login/external`, { account_id: field("account_id").value.trim(), username, password }]
      : [`${api}/auth/login`, { username, password }];
  try {
    return await send("POST", path, { body });
  } catch (error) {
    if (error.document?.error_code !== "mfa_required") throw error;
    pending = error.document.mfa_token;
    ask("second-factor");
    return undefined;
  }
}

async function secondStep(mfa_token) {
  const code = field("code").value.trim();
  try {
    const proof = /^\d{6}$/.test(code) ? { code } : { recovery_code: code };
    return await send("POST", `${api}/auth/mfa/verify`, { body: { mfa_token, ...proof } });
  } catch (error) {
    if (error.document?.tries_left !== 0) throw error;
    pending = undefined;
    ask(chosen());
    throw error;
  }
}

const chosen = () => field("who").value;

function choose(who) {
  field("who").value = who;
  ask(who);
}

/** Shows the fields that somebody has to fill in, and no others. */
function ask(who) {
  for (const part of form.querySelectorAll("[data-for]")) {
    const asked = part.dataset.for.split(" ").includes(who === "second-factor" ? who : chosen());
    part.hidden = !asked;
    for (const input of part.querySelectorAll("input")) input.disabled = !asked;
  }
  field("password").autocomplete = who === "new" ? "new-password" : "current-password";
  if (who === "second-factor") field("code").focus();
}

/** What one can be here depends on how this Stoa is set up. */
async function prepareInvitation() {
  ask(chosen());
  for (const choice of form.querySelectorAll("[name=who]")) {
    choice.addEventListener("change", () => {
      pending = undefined;
      ask(chosen());
    });
  }
  const settings = await send("GET", `${api}/auth/settings`).catch(() => ({ registration: "invited" }));
  const offered = { registration: settings.registration !== "closed", corporate_login: settings.corporate_login };
  for (const choice of form.querySelectorAll("[data-when]")) choice.hidden = !offered[choice.dataset.when];
  if (!offered.registration) choose("known");
}

const isInvitation = form.dataset.form === "accept-invitation";

for (const box of form.querySelectorAll("[data-shows]")) {
  box.addEventListener("change", () => {
    field(box.dataset.shows).type = box.checked ? "text" : "password";
  });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  problem.hidden = true;
  try {
    const answer = await (isInvitation ? acceptInvitation() : post(form.dataset.form));
    if (answer) finish(answer);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    show(error.document);
  } finally {
    button.disabled = false;
  }
});

/** Puts the members of an answer in the place of their names. */
function finish(answer) {
  const fill = (text) => text.replace(/\{(\w+)\}/g, (_, name) => answer[name] ?? "");
  for (const line of done.children) line.textContent = fill(line.textContent);
  offerPassword(answer.email);
  form.hidden = true;
  done.hidden = false;
  document.title = `${done.querySelector("h1").textContent} · Stoa`;
  done.focus();
}

/** Has a link for a new password mailed to the address that is back. */
function offerPassword(email) {
  const forgot = done.querySelector("[data-forgot]");
  forgot?.addEventListener("click", async () => {
    forgot.disabled = true;
    const status = done.querySelector("[role=status]");
    try {
      await send("POST", `${api}/auth/password/forgot`, { body: { email } });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      status.textContent = error.document.detail;
      forgot.disabled = false;
    }
    status.hidden = false;
  });
}

/** Shows why something was refused: the sentence, and those on single fields. */
function show({ detail, errors = [] }) {
  const lines = [...(errors.length > 0 ? [] : [detail]), ...errors.map(({ message }) => message)];
  problem.replaceChildren(
    ...lines.map((line) => {
      const paragraph = document.createElement("p");
      paragraph.textContent = line;
      return paragraph;
    }),
  );
  problem.hidden = false;
}

if (isInvitation) await prepareInvitation();
