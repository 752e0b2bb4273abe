"""Passkeys in a real Chromium, with the browser's own virtual authenticator (CDP, WebAuthn)."""

from __future__ import annotations

import pytest
from makers_people import PASSPHRASE, actor, make_node, make_people
from node_in_browser import INSECURE, Node, chromium, cookie  # noqa: F401

from dreamweave.app.me import me

pytestmark = pytest.mark.browser

ASK = """
async ([method, path, body]) => {
  const answer = await fetch(path, {
    method,
    headers: { "content-type": "application/json" },
    body: body === null ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  return [answer.status, text ? JSON.parse(text) : null];
}
"""
# What a page's script does: options from the node, the browser's answer, as it writes it itself.
CREATE = """
async (options) => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return (await navigator.credentials.create({ publicKey })).toJSON();
}
"""
GET = """
async (options) => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return (await navigator.credentials.get({ publicKey })).toJSON();
}
"""


class Device:
    """A phone of the keeper's: a browser at the node, with an authenticator inside."""

    def __init__(self, running, node, held, *, verifies=True):
        self.node, self.held = node, held
        self.context = running.new_context()
        self.tab = self.context.new_page()
        self.cdp = self.context.new_cdp_session(self.tab)
        self.cdp.send("WebAuthn.enable")
        self.authenticator = self.cdp.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": verifies,
                    "automaticPresenceSimulation": True,
                }
            },
        )["authenticatorId"]
        self.tab.goto(f"{node.address}/health")

    def sign_in(self, token):
        self.context.add_cookies([cookie(self.node, token)])

    def ask(self, method, path, body=None):
        return self.tab.evaluate(ASK, [method, path, body])

    def make(self, name=""):
        _, said = self.ask("POST", "/api/passkeys/options")
        made = self.tab.evaluate(CREATE, said["public_key"])
        return self.ask("POST", "/api/passkeys", {"passkey": made, "name": name})

    def answer(self, path="/api/passkeys/sign-in/options"):
        _, said = self.ask("POST", path)
        return self.tab.evaluate(GET, said["public_key"])

    def credentials(self):
        said = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.authenticator})
        return said["credentials"]


@pytest.fixture
def node():
    running = Node()
    running.house.people = make_people(running.house.ground, address=running.address)
    running.house.sessions = running.house.people.sessions
    running.held = make_node(running.house.people)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def device(chromium, node):  # noqa: F811
    made = Device(chromium, node, node.held)
    made.sign_in(node.held.keeper.token)
    yield made
    made.context.close()


def test_a_passkey_is_made_and_signs_in_without_a_name_and_steps_up(device, node):
    assert device.make("my phone")[0] == 201
    assert device.ask("GET", "/api/me")[1]["passkeys_offered"]
    (key,) = me(node.held.people, node.held.who).passkeys
    (on_device,) = device.credentials()
    assert (key.name, on_device["rpId"], on_device["isResidentCredential"]) == (
        "my phone",
        "localhost",
        True,
    )

    assert device.ask("DELETE", "/api/sessions")[0] == 204
    assert device.ask("GET", "/api/me")[0] == 401
    assert device.ask("POST", "/api/passkeys/sign-in", {"passkey": device.answer()}) == [
        201,
        {"dreamer": node.held.keeper.dreamer},
    ]
    assert device.ask("GET", "/api/me")[1]["name"] == "Ana"

    proof = device.answer("/api/step-up/options")
    assert device.ask("POST", "/api/step-up", {"passkey": proof})[0] == 200
    assert device.ask("GET", "/api/me")[1]["stepped_up"]


def test_what_was_recorded_of_a_real_device_opens_nothing(device):
    device.make()
    device.ask("DELETE", "/api/sessions")
    recorded = {"passkey": device.answer()}
    assert device.ask("POST", "/api/passkeys/sign-in", recorded)[0] == 201
    device.context.clear_cookies()

    status, said = device.ask("POST", "/api/passkeys/sign-in", recorded)

    assert (status, said["code"]) == (401, "sign_in.passkey")
    assert device.ask("GET", "/api/me")[0] == 401


def test_a_device_that_does_not_ask_who_holds_it_makes_no_passkey(chromium, node):  # noqa: F811
    device = Device(chromium, node, node.held, verifies=False)
    device.sign_in(node.held.keeper.token)

    with pytest.raises(Exception, match="NotAllowedError"):
        device.make()

    assert device.credentials() == []
    device.context.close()


def test_a_dropped_passkey_is_still_on_the_device_and_opens_nothing(device):
    _, made = device.make()
    assert device.ask("DELETE", f"/api/passkeys/{made['id']}")[0] == 204
    device.ask("DELETE", "/api/sessions")

    status, said = device.ask("POST", "/api/passkeys/sign-in", {"passkey": device.answer()})

    assert (len(device.credentials()), status, said["code"]) == (1, 401, "sign_in.passkey")


def test_the_same_device_is_not_added_twice(device):
    device.make()

    with pytest.raises(Exception, match="InvalidStateError"):
        device.make()


def test_where_the_page_is_not_secure_there_are_no_passkeys_and_none_are_offered(device, node):
    secure = device.tab.evaluate("[isSecureContext, 'PublicKeyCredential' in window]")
    device.context.add_cookies([cookie(node, node.held.keeper.token, insecure=True)])
    device.tab.goto(f"{node.insecure}/health")
    plain = device.tab.evaluate("[isSecureContext, 'PublicKeyCredential' in window]")

    assert (secure, plain) == ([True, True], [False, False])
    assert device.tab.evaluate("location.hostname") == INSECURE
    assert device.ask("GET", "/api/me")[1]["passkeys_offered"] is False
    # There the passphrase opens the same door.
    body = {"name": "Ana", "passphrase": PASSPHRASE}
    assert device.ask("POST", "/api/sessions", body)[0] == 201
    assert actor(node.held.people, node.held.keeper)
