import type { Page } from "@stoa/mail/compose";

/** A page in words, and the form on it. */
interface Words {
  readonly title: string;
  readonly lead: string;
  /** The fields, as HTML, between the lead and the button. */
  readonly fields?: string;
  readonly button: string;
  /** Where the form goes: the path of the API, or the name of what the script does with it. */
  readonly form: string;
  readonly done: { readonly title: string; readonly text: string; readonly forgot?: string };
}

const newPassword = `<label for="new_password">New password</label>
<input id="new_password" name="new_password" type="password" autocomplete="new-password" required maxlength="1024">
<p class="hint">At least 10 characters, and hard to guess: a few words do well.</p>
<label class="choice"><input type="checkbox" data-shows="new_password"> Show it</label>`;

const invited = `<fieldset>
<legend>Who are you here?</legend>
<label class="choice" data-when="registration"><input type="radio" name="who" value="new" checked> I am new</label>
<label class="choice"><input type="radio" name="who" value="known"> I have a user here already</label>
<label class="choice" data-when="corporate_login"><input type="radio" name="who" value="corporate"> I log in by my company</label>
</fieldset>
<div data-for="corporate"><label for="account_id">Account</label>
<input id="account_id" name="account_id" autocomplete="organization" required maxlength="255"></div>
<div data-for="new"><label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="email" required maxlength="254">
<p class="hint last">The one that the invitation was sent to.</p></div>
<div data-for="known corporate"><label for="username">Username or e-mail address</label>
<input id="username" name="username" autocomplete="username" required maxlength="254"></div>
<div data-for="new"><label for="full_name">Your name <span class="hint">(optional)</span></label>
<input id="full_name" name="full_name" autocomplete="name" maxlength="255"></div>
<div><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024">
<p class="hint" data-for="new">At least 10 characters, and hard to guess: a few words do well.</p>
<label class="choice"><input type="checkbox" data-shows="password"> Show it</label></div>
<div data-for="second-factor" hidden><label for="code">Code of your authenticator app, or a recovery code</label>
<input id="code" name="code" autocomplete="one-time-code" required maxlength="40" spellcheck="false"></div>`;

const words: Readonly<Record<Page, Words>> = {
  "verify-email": {
    title: "Confirm your e-mail address",
    lead: "Confirm that the address which this mail came to is yours.",
    button: "Confirm",
    form: "/api/v1/auth/email/verify",
    done: { title: "Confirmed", text: "The address {email} is confirmed. You can close this page." },
  },
  "reset-password": {
    title: "Choose a new password",
    lead: "All your sessions end when you do, and you log in with the new password.",
    fields: newPassword,
    button: "Change the password",
    form: "/api/v1/auth/password/reset",
    done: { title: "Your password is changed", text: "Log in with it. You can close this page." },
  },
  "accept-invitation": {
    title: "Accept the invitation",
    lead: "Log in, or register if you are new, and you are a member.",
    fields: invited,
    button: "Accept",
    form: "accept-invitation",
    done: {
      title: "You are a member of {name}",
      text: "Your role there is {role}. Log in to work with the others. You can close this page.",
    },
  },
  "undo-email": {
    title: "Keep your e-mail address",
    lead: "Somebody asked to replace the address which this mail came to. If it was not you, undo it: the address stays or comes back, and all sessions end.",
    button: "Undo the change",
    form: "/api/v1/auth/email/undo",
    done: {
      title: "Undone",
      text: "The address is {email} again, and every session has ended. Choose a new password now: whoever asked for the change may know the old one.",
      forgot: "Mail me a link for a new password",
    },
  },
};

/** The pages by their name, as HTML. */
export const pages: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(words).map(([name, page]) => [name, html(page)]),
);

function html({ title, lead, fields, button, form, done }: Words): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Stoa</title>
<link rel="icon" href="/pages/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/pages/style.css">
<script type="module" src="/pages/browser.js"></script>
</head>
<body>
<header><img src="/pages/icon.svg" alt="" width="24" height="24"> Stoa</header>
<main>
<noscript><p class="problem">This page works with JavaScript, which your browser does not run here.</p></noscript>
<form data-form="${form}">
<h1>${title}</h1>
<p>${lead}</p>
<div data-token hidden><label for="token">Code from the mail</label>
<input id="token" name="token" autocomplete="off" required maxlength="255" spellcheck="false"></div>
${fields ?? ""}
<div class="problem" role="alert" hidden></div>
<button>${button}</button>
</form>
<section data-done tabindex="-1" hidden>
<h1>${done.title}</h1>
<p>${done.text}</p>
${done.forgot === undefined ? "" : `<button type="button" data-forgot>${done.forgot}</button>\n<p role="status" class="hint" hidden>The mail is on its way.</p>`}
</section>
</main>
</body>
</html>
`;
}
