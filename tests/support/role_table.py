"""The table of doors: how each one answers each role. Reviewed by hand; `test_roles` holds it.

Columns: nobody signed in, a guest, a dreamer with an account, a host, a steward,
a keeper, somebody suspended, and somebody who left (with the token they had).
Letters: i let in, g sign in first, n not yours to do, x not there (also for what
is somebody else's), v let in, but what was asked does not make sense for them.
"other" is somebody else's thing, "elsewhere" a Circle that none of them is in.
"""

from __future__ import annotations

from asking_doors import Whose

_TABLE = """\
#                                                              - g d h s k S L
# the JSON doors
GET    /api/calendar                                own        g i i i i i i g
GET    /api/circles                                 own        g i i i i i n g
POST   /api/circles                                 own        g n n i n i n g
POST   /api/circles/join                            own        g i i i i i n g
GET    /api/circles/{circle}                        own        g i i i i i n g
GET    /api/circles/{circle}                        elsewhere  g x x x x x n g
DELETE /api/circles/{circle}/members/me             own        g i i i i i i g
DELETE /api/circles/{circle}/members/me             elsewhere  g x x x x x x g
GET    /api/circles/{circle}/stream                 own        g i i i i i n g
GET    /api/circles/{circle}/stream                 elsewhere  g x x x x x n g
POST   /api/circles/{circle}/weaves                 own        g n n i n n n g
POST   /api/circles/{circle}/weaves                 elsewhere  g x x x x x n g
GET    /api/circles/{circle}/weaves/{weave_id}      own        g i i i i i n g
GET    /api/circles/{circle}/weaves/{weave_id}      elsewhere  g x x x x x n g
GET    /api/circles/{circle}/weaves/{weave_id}/key  own        g i i i i i n g
GET    /api/circles/{circle}/weaves/{weave_id}/key  elsewhere  g x x x x x n g
GET    /api/circles/{circle}/words                  own        g i i i i i n g
GET    /api/circles/{circle}/words                  elsewhere  g x x x x x n g
GET    /api/circles/{circle}/words/{tag}/photo      own        g i i i i i n g
GET    /api/circles/{circle}/words/{tag}/photo      elsewhere  g x x x x x n g
GET    /api/commons/stream                          own        g i i i i i n g
GET    /api/commons/words                           own        g i i i i i n g
GET    /api/commons/words/{tag}/photo               own        g i i i i i n g
GET    /api/echo                                    own        g i i i i i n g
GET    /api/echo/{tag}/photo                        own        g x x x x x n g
POST   /api/export                                  own        g i i i i i i g
GET    /api/first-knot                              own        g i i i i i n g
POST   /api/guests                                  own        i i i i i i i i
POST   /api/imports                                 own        g i i i i i n g
POST   /api/imports/preview                         own        g i i i i i n g
GET    /api/invitations                             own        g n i i i i n g
POST   /api/invitations                             own        g n x i x x n g
POST   /api/invitations                             elsewhere  g n x x x x n g
DELETE /api/invitations/{invitation}                own        g n x i i i n g
DELETE /api/invitations/{invitation}                other      g n x x i i n g
POST   /api/join                                    own        i i i i i i i i
GET    /api/keeper                                  own        g n n n n i n g
GET    /api/lendings                                own        g i i i i i i g
POST   /api/lendings                                own        g i i i i i n g
POST   /api/lendings                                other      g x x x x x n g
POST   /api/lendings                                elsewhere  g x x x x x n g
POST   /api/lendings/hints                          own        g i i i i i n g
POST   /api/lendings/hints                          other      g x x x x x n g
POST   /api/lendings/preview                        own        g i i i i i n g
POST   /api/lendings/preview                        other      g x x x x x n g
DELETE /api/lendings/{lending_id}                   own        g i i i i i i g
DELETE /api/lendings/{lending_id}                   other      g x x x x x x g
GET    /api/lendings/{lending_id}/receipt           own        g i i i i i i g
GET    /api/lendings/{lending_id}/receipt           other      g x x x x x x g
DELETE /api/me                                      own        g i i i i v i g
GET    /api/me                                      own        g i i i i i i g
PATCH  /api/me                                      own        g i i i i i i g
POST   /api/me/member                               own        g i v v v v n g
POST   /api/me/passphrase                           own        g n i i i i i g
POST   /api/me/recovery-codes                       own        g n i i i i i g
POST   /api/me/return-key                           own        g i v v v v v g
GET    /api/members                                 own        g n n n i i n g
DELETE /api/members/{dreamer}/roles/{role}          own        g n n n i i n g
PUT    /api/members/{dreamer}/roles/{role}          own        g n n n i i n g
DELETE /api/members/{dreamer}/suspension            own        g n n n i i n g
PUT    /api/members/{dreamer}/suspension            own        g n n n i i n g
GET    /api/node                                    own        i i i i i i i i
GET    /api/node/stream                             own        i i i i i i i i
GET    /api/openapi.json                            own        i i i i i i i i
POST   /api/passkeys                                own        g n g g g g n g
POST   /api/passkeys/options                        own        g n i i i i n g
POST   /api/passkeys/sign-in                        own        g g g g g g g g
POST   /api/passkeys/sign-in/options                own        i i i i i i i i
DELETE /api/passkeys/{passkey}                      own        g n x x x x n g
GET    /api/patterns                                own        g i i i i i i g
GET    /api/prompts                                 own        g i i i i i n g
POST   /api/receipts/check                          own        i i i i i i i i
GET    /api/reports                                 own        g i i i i i i g
DELETE /api/reports/{report_id}                     own        g i i i i i i g
DELETE /api/reports/{report_id}                     other      g x x x x x x g
GET    /api/reports/{report_id}                     own        g i i i i i i g
GET    /api/reports/{report_id}                     other      g x x x x x x g
PUT    /api/reports/{report_id}                     own        g i i i i i n g
PUT    /api/reports/{report_id}                     other      g x x x x x n g
GET    /api/reports/{report_id}/fragments           own        g i i i i i n g
GET    /api/reports/{report_id}/fragments           other      g x x x x x n g
GET    /api/reports/{report_id}/photo               own        g i i i i i i g
GET    /api/reports/{report_id}/photo               other      g x x x x x x g
PUT    /api/reports/{report_id}/photo               own        g i i i i i n g
PUT    /api/reports/{report_id}/photo               other      g x x x x x n g
POST   /api/reports/{report_id}/transcript          own        g x x x x x n g
POST   /api/reports/{report_id}/transcript          other      g x x x x x n g
GET    /api/reports/{report_id}/voice               own        g i i i i i i g
GET    /api/reports/{report_id}/voice               other      g x x x x x x g
PUT    /api/reports/{report_id}/voice               own        g i i i i i n g
PUT    /api/reports/{report_id}/voice               other      g x x x x x n g
GET    /api/research/words                          own        g n n n i i n g
POST   /api/return                                  own        g g g g g g g g
POST   /api/search                                  own        g i i i i i i g
DELETE /api/sessions                                own        g i i i i i i g
GET    /api/sessions                                own        g i i i i i i g
POST   /api/sessions                                own        i i i i i i i i
DELETE /api/sessions/current                        own        g i i i i i i g
DELETE /api/sessions/{session}                      own        g i i i i i i g
DELETE /api/sessions/{session}                      other      g x x x x x x g
PATCH  /api/sessions/{session}                      own        g i i i i i i g
PATCH  /api/sessions/{session}                      other      g x x x x x x g
POST   /api/step-up                                 own        g i i i i i i g
POST   /api/step-up/options                         own        g n x x x x x g
GET    /api/tags                                    own        g i i i i i n g
GET    /health                                      own        i i i i i i i i
# the pages
GET    /                                            own        i i i i i i i i
GET    /about                                       own        i i i i i i i i
GET    /calendar                                    own        g i i i i i i g
GET    /circles                                     own        g i i i i i n g
POST   /circles                                     own        g n n i n i n g
POST   /circles/enter                               own        g i i i i i n g
GET    /circles/{circle_id}                         own        g i i i i i n g
GET    /circles/{circle_id}                         elsewhere  g x x x x x n g
POST   /circles/{circle_id}/part                    own        g i i i i i i g
POST   /circles/{circle_id}/part                    elsewhere  g x x x x x x g
POST   /circles/{circle_id}/weave                   own        g n n i n n n g
POST   /circles/{circle_id}/weave                   elsewhere  g x x x x x n g
GET    /commons                                     own        g i i i i i n g
GET    /crescent.svg                                own        i i i i i i i i
GET    /evening                                     own        g i i i i i n g
POST   /evening                                     own        g i i i i i n g
POST   /evening/uncover                             own        g i i i i i n g
GET    /export                                      own        g i i i i i i g
POST   /export                                      own        g i i i i i i g
GET    /guest                                       own        i i i i i i i i
POST   /guest                                       own        i i i i i i i i
GET    /help                                        own        i i i i i i i i
GET    /icon.svg                                    own        i i i i i i i i
GET    /import                                      own        g i i i i i n g
POST   /import                                      own        g i i i i i n g
POST   /import/keep                                 own        g i i i i i n g
GET    /invitations                                 own        g i i i i i n g
POST   /invitations                                 own        g x x i x x n g
POST   /invitations                                 elsewhere  g x x x x x n g
POST   /invitations/{pass_id}/withdraw              own        g x x i i i n g
POST   /invitations/{pass_id}/withdraw              other      g x x x i i n g
GET    /join                                        own        i i i i i i i i
POST   /join                                        own        i i i i i i i i
GET    /journal                                     own        g i i i i i i g
GET    /keeper                                      own        g n n n n i n g
POST   /language                                    own        i i i i i i i i
GET    /leave                                       own        g i i i i i i g
POST   /leave                                       own        g i i i i v i g
GET    /lendings                                    own        g i i i i i i g
GET    /lendings/{lending}                          own        g i i i i i i g
GET    /lendings/{lending}                          other      g x x x x x x g
GET    /lendings/{lending}/ended                    own        g x x x x x x g
GET    /lendings/{lending}/ended                    other      g x x x x x x g
GET    /lendings/{lending}/receipt                  own        g i i i i i i g
GET    /lendings/{lending}/receipt                  other      g x x x x x x g
POST   /lendings/{lending}/take-back                own        g i i i i i i g
POST   /lendings/{lending}/take-back                other      g x x x x x x g
POST   /look                                        own        i i i i i i i i
GET    /me                                          own        g i i i i i i g
POST   /me                                          own        g i i i i i i g
POST   /me/codes                                    own        g n i i i i i g
POST   /me/devices/{session}/name                   own        g i i i i i i g
POST   /me/devices/{session}/name                   other      g x x x x x x g
POST   /me/devices/{session}/sign-out               own        g i i i i i i g
POST   /me/devices/{session}/sign-out               other      g x x x x x x g
POST   /me/member                                   own        g i v v v v n g
POST   /me/passphrase                               own        g n i i i i i g
POST   /me/return-key                               own        g i v v v v n g
POST   /me/sign-out-everywhere                      own        g i i i i i i g
GET    /members                                     own        g n n n i i n g
POST   /members/{dreamer}/door                      own        g n n n i i n g
POST   /members/{dreamer}/roles                     own        g n n n i i n g
GET    /patterns                                    own        g i i i i i i g
GET    /print                                       own        g i i i i i i g
GET    /receipts                                    own        i i i i i i i i
POST   /receipts                                    own        v v v v v v v v
GET    /reports/{report_id}                         own        g i i i i i i g
GET    /reports/{report_id}                         other      g x x x x x x g
GET    /reports/{report_id}/edit                    own        g i i i i i n g
GET    /reports/{report_id}/edit                    other      g x x x x x n g
POST   /reports/{report_id}/edit                    own        g i i i i i n g
POST   /reports/{report_id}/edit                    other      g x x x x x n g
GET    /reports/{report_id}/forget                  own        g i i i i i i g
GET    /reports/{report_id}/forget                  other      g x x x x x x g
POST   /reports/{report_id}/forget                  own        g i i i i i i g
POST   /reports/{report_id}/forget                  other      g x x x x x x g
GET    /reports/{report_id}/lend                    own        g i i i i i n g
GET    /reports/{report_id}/lend                    other      g x x x x x n g
POST   /reports/{report_id}/lend                    own        g i i i i i n g
POST   /reports/{report_id}/lend                    other      g x x x x x n g
POST   /reports/{report_id}/lend/again              own        g i i i i i n g
POST   /reports/{report_id}/lend/again              other      g x x x x x n g
POST   /reports/{report_id}/lend/confirm            own        g i i i i i n g
POST   /reports/{report_id}/lend/confirm            other      g x x x x x n g
GET    /return                                      own        i i i i i i i i
POST   /return                                      own        g g g g g g g g
GET    /robots.txt                                  own        i i i i i i i i
GET    /search                                      own        g i i i i i i g
POST   /search                                      own        g i i i i i i g
GET    /service-worker.js                           own        i i i i i i i i
GET    /sign-in                                     own        i i i i i i i i
POST   /sign-in                                     own        i i i i i i i i
POST   /sign-out                                    own        g i i i i i i g
GET    /static/{name}                               own        i i i i i i i i
GET    /tell                                        own        g i i i i i n g
POST   /tell                                        own        g i i i i i n g
GET    /tell/shell                                  own        i i i i i i i i
"""


def _rows() -> dict[tuple[str, str, Whose], str]:
    table: dict[tuple[str, str, Whose], str] = {}
    for line in _TABLE.splitlines():
        if not line.startswith("#"):
            method, path, whose, letters = line.split(maxsplit=3)
            table[method, path, whose] = letters  # type: ignore[index]
    return table


TABLE = _rows()
