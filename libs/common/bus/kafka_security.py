"""How clients and brokers of Kafka know each other: TLS, and SASL with a name and a password.

From the environment: `KAFKA_SECURITY_PROTOCOL`, `KAFKA_SSL_CAFILE`, `KAFKA_SSL_CERTFILE`,
`KAFKA_SSL_KEYFILE`, `KAFKA_SASL_MECHANISM`, `KAFKA_SASL_USERNAME` and `KAFKA_SASL_PASSWORD`, or
`KAFKA_SASL_PASSWORD_FILE`. Must never go on with less than was asked for, nor tell the password.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

PROTOCOLS: Final = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MECHANISMS: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_SSL: Final = ("KAFKA_SSL_CAFILE", "KAFKA_SSL_CERTFILE", "KAFKA_SSL_KEYFILE")
_PASSWORD: Final = "KAFKA_SASL_PASSWORD"  # noqa: S105 - the variable's name
_FILE: Final = "KAFKA_SASL_PASSWORD_FILE"
_SASL: Final = ("KAFKA_SASL_MECHANISM", "KAFKA_SASL_USERNAME", _PASSWORD, _FILE)


class KafkaSettingError(ValueError):
    """A setting of the broker's security is wrong, missing, or asks for what another leaves out."""


@dataclass(frozen=True, slots=True)
class Security:
    """What every client of the brokers is made with; without anything, plain text."""

    protocol: str = "PLAINTEXT"
    context: ssl.SSLContext | None = None
    mechanism: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def read(cls, env: Mapping[str, str]) -> Security:
        """The security that the environment names. Raises KafkaSettingError, OSError."""
        protocol = env.get("KAFKA_SECURITY_PROTOCOL") or PROTOCOLS[0]
        if protocol not in PROTOCOLS:
            raise KafkaSettingError(
                f"KAFKA_SECURITY_PROTOCOL: {protocol!r} is none of {', '.join(PROTOCOLS)}"
            )
        encrypted, known = protocol.endswith("SSL"), protocol.startswith("SASL")
        _refuse_unused(env, protocol, _SSL if not encrypted else ())
        _refuse_unused(env, protocol, _SASL if not known else ())
        context = _context(env) if encrypted else None
        return cls(protocol, context, *(_credentials(env) if known else ()))

    @property
    def options(self) -> dict[str, Any]:
        """Keyword arguments of an aiokafka client."""
        given: dict[str, Any] = {"security_protocol": self.protocol}
        if self.context is not None:
            given["ssl_context"] = self.context
        if self.mechanism is not None:
            given |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
            }
        return given


PLAIN: Final = Security()


def _refuse_unused(env: Mapping[str, str], protocol: str, names: tuple[str, ...]) -> None:
    """Who sets up a certificate or a password does not mean to do without."""
    given = [name for name in names if env.get(name)]
    if given:
        raise KafkaSettingError(
            f"{', '.join(given)} has no use with KAFKA_SECURITY_PROTOCOL={protocol}"
        )


def _context(env: Mapping[str, str]) -> ssl.SSLContext:
    """Verifies broker and host name, by the CAs named or by the system's."""
    authorities, certificate, key = (env.get(name) or None for name in _SSL)
    if key and not certificate:
        raise KafkaSettingError("KAFKA_SSL_KEYFILE needs KAFKA_SSL_CERTFILE")
    try:
        context = ssl.create_default_context(cafile=authorities)
        if certificate:
            context.load_cert_chain(certificate, key)
    except ssl.SSLError as error:
        raise KafkaSettingError(f"a file of KAFKA_SSL_... can't be used: {error}") from error
    except OSError as error:
        files = ", ".join(f"{name}={env[name]}" for name in _SSL if env.get(name))
        raise KafkaSettingError(f"{files}: {error.strerror}") from error
    return context


def _credentials(env: Mapping[str, str]) -> tuple[str, str, str]:
    mechanism = env.get("KAFKA_SASL_MECHANISM") or ""
    if mechanism not in MECHANISMS:
        raise KafkaSettingError(
            f"KAFKA_SASL_MECHANISM: {mechanism!r} is none of {', '.join(MECHANISMS)}"
        )
    password, file = env.get(_PASSWORD), env.get(_FILE)
    if password and file:
        raise KafkaSettingError(f"{_PASSWORD} and {_FILE}: one of them")
    if file:
        try:
            password = Path(file).read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            raise KafkaSettingError(f"{_FILE}: {file}: {error.strerror}") from error
    username = env.get("KAFKA_SASL_USERNAME")
    if not username or not password:
        raise KafkaSettingError(f"SASL needs KAFKA_SASL_USERNAME and {_PASSWORD} or {_FILE}")
    return mechanism, username, password
