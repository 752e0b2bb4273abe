// What every page of a node runs. Everything works without it: each island is
// found by a `data-` hook on a form or list that a server already answers. It
// leaves out the page where one tells (`tell.ts`), which runs alone there.
//
// HOOKS (agreed with web/templates; a page without a hook gets no island)
//
// Entries for build.mjs: `src/node/main.ts` -> node.js (all pages but /tell and
// /reports/{id}/edit), `src/node/tell.ts` -> tell.js (those two, instead of node.js),
// `src/service-worker.ts` -> service-worker.js, served at /service-worker.js with
// `Cache-Control: no-cache` (its own CSP may be `default-src 'none'; connect-src 'self'`).
// Both scripts: `<script src defer>`, format iife, target es2020. Style of the islands:
// `src/node/islands.css`, to be imported by node.css.
// CSP the islands need: script-src 'self'; connect-src 'self'; worker-src 'self';
// media-src 'self' blob:; `require-trusted-types-for 'script'; trusted-types dreamweave`
// (one policy, for the address of the service worker). Permissions-Policy: microphone=(self).
//
// On every page:
//   <html lang dir data-worker="/service-worker.js">  (leave data-worker out to have none)
//   <script type="application/json" id="strings">{"key": "text"}</script> from strings.json,
//     through the PO files; on /tell all keys, elsewhere those without `tell.` `voice.`
//     `drawing.` `photo.` `night.` in front are enough. `{name}` is a place to fill.
//   <body data-me="DREAMER ID"> where somebody is signed in; no attribute for nobody.
//     (Left out in the shell, see below: there the script asks GET /api/me.)
//   <p data-waiting hidden></p>           "2 reports are on this device only": filled here
//   <form data-sign-out method=post ...>  asks first when something is unsent, then clears
//   <form data-leave method=post ...>     this device is cleared once nobody is signed in any more
//   <input data-zone>                     the device's own zone, where the field is empty
//   <form data-step-up method=post ...>   asks for the passphrase (POST /api/step-up), then submits
//   <form data-take-back="LENDING ID" method=post ...>  DELETE /api/lendings/{id}; inside it a
//     button; a <p role=status data-said> is added when there is none
//   <div data-passkeys hidden data-list=yes>          on /me: add one (unhidden when it can be done)
//   <div data-passkey-sign-in hidden>                 on /sign-in
//   <input data-code> and <input data-zone>           a code behind the #, the device's time zone
//   <ul|ol data-stream="/api/commons/stream">  its lines are <li data-tag="TAG">, and
//     data-after="CURSOR" is where the list stands (`streams.at(topic)`); one that is taken back goes within a second and says so. Also `data-stream` of a Circle.
//   <time data-ms="MILLISECONDS">            said anew in the zone of whoever looks; a [data-zone-said] after it is hidden
//   <form data-kiosk>, <div data-slip>        of a device that many people use: nothing is kept for going back
//   <audio data-fetch="/api/reports/{id}/voice" controls hidden> and a <a href> beside it without script
//
// On /tell and /reports/{id}/edit:
//   <form id="tell" method="post" action="..."
//         data-report="ID" data-version="3"    both only when amending; left out on /tell
//         data-voice="audio/webm" data-photo="image/jpeg">  what is kept beside it, when amending
//   fields by name: text (textarea, dir=auto), title, kind (radio), feeling (radio: eight,
//     wordless, and "" for unsaid), intensity (radio 1 2 3 and ""), tags (text, commas),
//     night (date), kept_out (textarea), answers (hidden), lang (select or hidden),
//     drawing (hidden; SVG path data), zone and told_at (hidden)
//   <div data-voice></div> (with data-transcript where the node has such a plug-in) <div data-drawing></div> <div data-photo></div>  empty; filled here.
//     Without script: <noscript> file inputs.
//   <p data-state role="status"></p>     where it is kept, in words
//   <div data-unfinished></div>          drafts from before, conflicts, other notices
//   <p data-insecure hidden></p>         what this browser cannot do here
//   <p data-clock hidden></p>            this device's clock is off
//   <button data-discard type=button hidden>  throw this away (asks first)
//   <p data-naming hidden></p>           the local hint where a text names people
//   <button data-none type=submit name=kind value=none>  nothing this morning: one tap, with undo
//   <button data-keep type=submit>       keep
//
// GET /tell/shell?lang=es (public, no cookie read, no personal word, no CSRF field, no data-me):
//   the same page for nobody, with absolute paths to its static files. The service worker keeps
//   this one page and the files under /static/ that it names, and answers /tell with it; a query
//   of /tell (answers=..., kind=...) is read by the script, so the shell needs none.
//   Static files have a hash in the name or query: one name, one content, for good.
// JSON doors used: GET /api/me {dreamer, ...}; PUT/GET/DELETE /api/reports/{id}; PUT voice|photo;
//   GET /api/tags {tags: [...]}; POST /api/reports/{id}/transcript; passkeys;
//   POST /api/step-up; DELETE /api/lendings/{id}.

import { everywhere } from "./everywhere.ts";
import { fillIn } from "./filling.ts";
import { gatheringPages } from "./gatherings.ts";
import { hearLists } from "./hearing.ts";
import { listening } from "./listening.ts";
import { passkeys } from "./passkeys.ts";
import { stepUpForms } from "./stepping_up.ts";
import { takeBackForms } from "./taking_back.ts";

everywhere();
fillIn();
gatheringPages();
hearLists();
takeBackForms();
stepUpForms();
passkeys();
listening();
performance.mark("dreamweave-ready");
