"""A real Keycloak on loopback, fetched with Maven: a provider that is none of ours.

Asked for by `SUNLIGHT_KEYCLOAK=1` (170 MB, a minute to start), or by the folder of an unpacked
distribution in that variable. Needs Java 17. Must never listen beyond loopback.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx

ROOT: Final = Path(__file__).parents[3]
CACHE: Final = ROOT / ".cache" / "keycloak"
VERSION: Final = "26.4.5"
VARIABLE: Final = "SUNLIGHT_KEYCLOAK"
START_SECONDS: Final = 400
SECRET: Final = "a-secret-of-the-test-realm-alone"  # noqa: S105
PASSWORD: Final = "correct horse battery"  # noqa: S105
_COPY: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
_ARTIFACT: Final = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
_HEAP: Final = "-Xms64m -Xmx384m"


def distribution() -> Path | str:
    """The unpacked distribution, fetched where asked for; else why there is none."""
    asked = os.environ.get(VARIABLE, "")
    if not asked:
        return f"Keycloak is tried on request: set {VARIABLE}=1"
    if not shutil.which("java"):
        return "Keycloak needs java on the path"
    if asked != "1":
        return Path(asked)
    home = CACHE / f"keycloak-{VERSION}"
    if home.is_dir():
        return home
    if not shutil.which("mvn"):
        return "fetching Keycloak needs mvn on the path"
    return _fetched(home)


def _fetched(home: Path) -> Path | str:
    CACHE.mkdir(parents=True, exist_ok=True)
    command = ["mvn", "-q", "-B", _COPY, f"-Dartifact={_ARTIFACT}", f"-DoutputDirectory={CACHE}"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=600)
    archive = CACHE / f"keycloak-quarkus-dist-{VERSION}.zip"
    if done.returncode or not archive.exists():
        return f"Maven could not fetch Keycloak: {done.stdout[-500:]}"
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(CACHE)
    archive.unlink()
    return home


@contextlib.contextmanager
def keycloak(home: Path, folder: Path, realm: dict[str, Any]) -> Iterator[str]:
    """A server with one realm; its issuer URL. A copy of `home` is used, in `folder`."""
    place = folder / "keycloak"
    shutil.copytree(home, place, symlinks=True)
    (place / "data" / "import").mkdir(parents=True)
    (place / "data" / "import" / "realm.json").write_text(json.dumps(realm), "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    options = ["--http-host=127.0.0.1", f"--http-port={port}", "--db=dev-mem", "--cache=local"]
    command = ["sh", str(place / "bin/kc.sh"), "start-dev", *options, "--import-realm"]
    env = {**os.environ, "JAVA_OPTS_KC_HEAP": _HEAP}
    log = folder / "keycloak.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env=env, start_new_session=True
        )
    issuer = f"http://127.0.0.1:{port}/realms/{realm['realm']}"
    try:
        _wait(process, issuer, log)
        yield issuer
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def _wait(process: subprocess.Popen[bytes], issuer: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{issuer}/.well-known/openid-configuration").status_code == 200:
                return
        time.sleep(1)
    raise RuntimeError(f"Keycloak did not start:\n{log.read_text('utf-8', 'replace')[-3000:]}")


def realm(url: str) -> dict[str, Any]:
    """A realm as a city sets it up: posts are attributes of its users, roles its own words."""
    profile = {
        "attributes": [{"name": "username"}, {"name": "email"}],
        "unmanagedAttributePolicy": "ADMIN_EDIT",
    }
    return {
        "realm": "city",
        "enabled": True,
        "roles": {"realm": [{"name": "Aufsicht"}, {"name": "Fenster"}]},
        "components": {
            "org.keycloak.userprofile.UserProfileProvider": [
                {
                    "providerId": "declarative-user-profile",
                    "config": {"kc.user.profile.config": [json.dumps(profile)]},
                }
            ]
        },
        "clients": [_platform(url), _program()],
        "users": [
            {
                "username": "li",
                "enabled": True,
                "credentials": [{"type": "password", "value": PASSWORD}],
                "attributes": {
                    "post": ["supervisor-7"],
                    "office": ["supervision"],
                    "region": ["990100"],
                },
                "realmRoles": ["Aufsicht"],
            },
            {
                "username": "nopost",
                "enabled": True,
                "credentials": [{"type": "password", "value": PASSWORD}],
                "realmRoles": ["Aufsicht"],
            },
        ],
    }


def _platform(url: str) -> dict[str, Any]:
    attributes = [_mapper(name, "oidc-usermodel-attribute-mapper") for name in _FACTS]
    roles = {
        "name": "roles",
        "protocol": "openid-connect",
        "protocolMapper": "oidc-usermodel-realm-role-mapper",
        "config": {
            "claim.name": "realm_access.roles",
            "jsonType.label": "String",
            "multivalued": "true",
            "id.token.claim": "true",
            "access.token.claim": "true",
        },
    }
    return {
        "clientId": "sunlight",
        "secret": SECRET,
        "redirectUris": [f"{url}/auth/callback"],
        "attributes": {
            "post.logout.redirect.uris": f"{url}/",
            "pkce.code.challenge.method": "S256",
        },
        "protocolMappers": [*attributes, roles],
    }


_FACTS: Final = {"post": "system-1", "office": "office-1", "region": "990102"}


def _mapper(name: str, kind: str, **more: str) -> dict[str, Any]:
    config = {
        "user.attribute": name,
        "claim.name": name,
        "jsonType.label": "String",
        "id.token.claim": "true",
        "access.token.claim": "true",
        **more,
    }
    return {
        "name": name,
        "protocol": "openid-connect",
        "protocolMapper": kind,
        "config": config,
    }


def _program() -> dict[str, Any]:
    facts = [
        _mapper(name, "oidc-hardcoded-claim-mapper", **{"claim.value": value})
        for name, value in _FACTS.items()
    ]
    audience = _mapper(
        "audience", "oidc-audience-mapper", **{"included.custom.audience": "sunlight-api"}
    )
    return {
        "clientId": "crm",
        "secret": SECRET,
        "standardFlowEnabled": False,
        "serviceAccountsEnabled": True,
        "protocolMappers": [*facts, audience],
    }
