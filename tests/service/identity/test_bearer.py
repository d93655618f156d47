"""Programs with a token of the issuer: what is let in, and everything that is not."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from libs.common.db.engine import pool
from libs.common.identity.claims import ClaimsMapping
from libs.common.identity.door import Door
from libs.common.identity.permissions import installed_matrix
from libs.common.identity.provider import Provider
from tests.service.identity.foreign import URL, Foreign, key, part
from tests.service.identity.site import Clock, service, settings


def in_seconds(later: int) -> int:
    """A time in a token, `later` than the moment of asking: a long run outlives a fixed one."""
    return int(datetime.now(UTC).timestamp()) + later


class Service:
    """One service behind a door that knows the foreign provider."""

    def __init__(self, app: FastAPI, issuer: Foreign, clock: Clock) -> None:
        self.app = app
        self.issuer = issuer
        self.clock = clock

    async def ask(self, token: str | None, **headers: str) -> httpx.Response:
        """Ask who one is, with this token."""
        sent = {} if token is None else {"authorization": f"Bearer {token}"}
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.get("/api/approval/v1/whoami", headers={**sent, **headers})


@pytest.fixture
async def provider() -> Foreign:
    return Foreign()


@pytest.fixture
async def behind(identity_database: str, provider: Foreign) -> AsyncIterator[Service]:
    chosen = settings(issuer=URL, claims=ClaimsMapping())
    clock = Clock()
    held = await pool(identity_database, "identity", min_size=0)
    async with held, provider.client() as client:
        door = Door.of(chosen, installed_matrix(), Provider(chosen, client), held, clock)
        app = service("approval")
        app.state.identify = door.identify("approval")
        yield Service(app, provider, clock)


async def test_a_token_of_the_issuer_acts_from_the_post_it_names(behind: Service) -> None:
    answer = await behind.ask(behind.issuer.token())
    assert (answer.status_code, answer.json()["post"]) == (200, "system-1")


async def test_one_of_several_audiences_is_enough(behind: Service) -> None:
    token = behind.issuer.token(aud=["other", "sunlight-api"])
    assert (await behind.ask(token)).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": timedelta(seconds=-31)},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": None},
        {"iat": timedelta(hours=1)},
        {"nbf": timedelta(hours=1)},
        {"aud": "sunlight"},
        {"aud": ["other"]},
        {"aud": None},
        {"aud": "sunlight-api.evil.example"},
        {"iss": "https://evil.example"},
        {"iss": f"{URL}/"},
        {"iss": None},
        {"sub": None},
        {"nonce": "of an ID token"},
        {"typ": "ID"},
        {"typ": "Refresh"},
    ],
    # Not the values: an id with the time in it would be another one in each process.
    ids="-".join,
)
async def test_a_token_for_another_time_or_purpose_is_refused(
    behind: Service, changes: dict[str, Any]
) -> None:
    claims: dict[str, Any] = {
        name: in_seconds(int(value.total_seconds())) if isinstance(value, timedelta) else value
        for name, value in changes.items()
    }
    answer = await behind.ask(behind.issuer.token(**claims))
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


async def test_a_token_signed_by_a_stranger_is_refused(behind: Service) -> None:
    forged = behind.issuer.token(by=key(), header={"kid": behind.issuer.keys[0].kid})
    assert (await behind.ask(forged)).status_code == 401


async def test_a_token_changed_after_signing_is_refused(behind: Service) -> None:
    header, body, signature = behind.issuer.token().split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    changed = f"{header}.{part({**claims, 'roles': ['administrator']})}.{signature}"
    assert (await behind.ask(changed)).status_code == 401


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE"])
async def test_a_token_without_a_signature_is_refused(behind: Service, algorithm: str) -> None:
    _, body, _ = behind.issuer.token().split(".")
    header = part({"alg": algorithm, "kid": behind.issuer.keys[0].kid})
    for signature in ("", "AAAA"):
        assert (await behind.ask(f"{header}.{body}.{signature}")).status_code == 401


async def test_the_public_key_does_not_serve_as_a_shared_secret(behind: Service) -> None:
    signer = behind.issuer.keys[0]
    _, body, _ = behind.issuer.token().split(".")
    signed = f"{part({'alg': 'HS256', 'kid': signer.kid})}.{body}"
    mac = hmac.new(signer.as_pem(private=False), signed.encode(), hashlib.sha256).digest()
    forged = f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    assert (await behind.ask(forged)).status_code == 401


@pytest.mark.parametrize(
    "header",
    [{"kid": "another"}, {"kid": ""}, {"kid": 7}, {"crit": ["exp"]}],
    ids=str,
)
async def test_a_token_with_a_header_we_can_not_honour_is_refused(
    behind: Service, header: dict[str, Any]
) -> None:
    _, body, signature = behind.issuer.token().split(".")
    named = {"alg": "RS256", "kid": behind.issuer.keys[0].kid, **header}
    assert (await behind.ask(f"{part(named)}.{body}.{signature}")).status_code == 401


async def test_a_key_that_the_token_brings_along_is_not_used(behind: Service) -> None:
    stranger = key()
    header = {"kid": stranger.kid, "jwk": stranger.as_dict(private=False)}
    assert (await behind.ask(behind.issuer.token(by=stranger, header=header))).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "a.b", "." * 30_000])
async def test_what_is_no_token_is_refused(behind: Service, token: str) -> None:
    answer = await behind.ask(None, authorization=f"Bearer {token}")
    assert answer.status_code == 401


async def test_another_scheme_is_refused(behind: Service) -> None:
    assert (await behind.ask(None, authorization="Basic bGk6cHc=")).status_code == 401


async def test_a_refused_token_is_not_made_up_for_by_anything_else(behind: Service) -> None:
    answer = await behind.ask("x", **{"x-forwarded-user": "root", "cookie": "sunlight-session=x"})
    assert answer.status_code == 401


async def test_without_a_post_the_token_is_forbidden(behind: Service) -> None:
    answer = await behind.ask(behind.issuer.token(post=None))
    assert (answer.status_code, answer.json()["code"]) == (403, "no_post")


async def test_a_new_key_of_the_issuer_is_found(behind: Service) -> None:
    await behind.ask(behind.issuer.token())
    behind.issuer.keys = [key()]
    token = behind.issuer.token(exp=in_seconds(600))
    behind.clock.ahead = timedelta(seconds=31)
    assert (await behind.ask(token)).status_code == 200


async def test_made_up_key_ids_do_not_make_us_ask_the_issuer_each_time(behind: Service) -> None:
    for _ in range(5):
        await behind.ask(behind.issuer.token(by=key()))
    assert behind.issuer.asked.count("/keys") == 1


async def test_a_withdrawn_key_stops_counting(behind: Service) -> None:
    token = behind.issuer.token(exp=in_seconds(2 * 24 * 3600))
    assert (await behind.ask(token)).status_code == 200
    behind.issuer.keys = [key()]
    behind.clock.ahead = timedelta(hours=1, seconds=1)
    assert (await behind.ask(token)).status_code == 401


async def test_while_the_issuer_is_away_nobody_new_is_let_in(behind: Service) -> None:
    behind.issuer.away = True
    for _ in range(2):
        answer = await behind.ask(behind.issuer.token())
        assert (answer.status_code, answer.json()["code"]) == (503, "issuer_away")
        assert answer.headers["content-type"] == "application/problem+json"
        assert "retry-after" in answer.headers


async def test_keys_already_known_outlive_a_short_absence(behind: Service) -> None:
    await behind.ask(behind.issuer.token())
    behind.issuer.away = True
    assert (await behind.ask(behind.issuer.token())).status_code == 200


async def test_the_issuer_back_again_is_noticed(behind: Service) -> None:
    behind.issuer.away = True
    await behind.ask(behind.issuer.token())
    behind.issuer.away = False
    behind.clock.ahead = timedelta(seconds=31)
    assert (await behind.ask(behind.issuer.token(exp=in_seconds(600)))).status_code == 200


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"jwks_uri": "http://id.example/keys"},
        {"jwks_uri": "file:///etc/passwd"},
        {"token_endpoint": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
    ids=str,
)
async def test_metadata_of_another_issuer_or_over_plain_http_is_not_used(
    behind: Service, metadata: dict[str, Any]
) -> None:
    behind.issuer.metadata = metadata
    assert (await behind.ask(behind.issuer.token())).status_code == 503


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b"{", b"\xff", b'{"keys": ' + b"[" * 300_000])
async def test_an_answer_that_is_no_metadata_counts_as_away(behind: Service, raw: bytes) -> None:
    behind.issuer.raw = raw
    assert (await behind.ask(behind.issuer.token())).status_code == 503


async def test_encryption_and_shared_keys_of_the_issuer_are_not_used(behind: Service) -> None:
    stranger = key()
    encryption = {**stranger.as_dict(private=False), "use": "enc"}
    shared = {"kty": "oct", "k": "c2VjcmV0", "kid": "shared", "use": "sig"}
    broken = {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"}
    behind.issuer.more_keys = [encryption, shared, broken]
    assert (await behind.ask(behind.issuer.token())).status_code == 200
    assert (await behind.ask(behind.issuer.token(by=stranger))).status_code == 401
