"""What the settings of Kafka's security may say, and what is refused before anything is sent."""

from pathlib import Path

import pytest

from libs.common.bus.kafka_security import PLAIN, KafkaSettingError, Security

SASL = {
    "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
    "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
    "KAFKA_SASL_USERNAME": "sunlight",
    "KAFKA_SASL_PASSWORD": "a-secret",
}


def test_without_a_setting_it_is_plain_text() -> None:
    assert Security.read({}) == PLAIN
    assert PLAIN.options == {"security_protocol": "PLAINTEXT"}


def test_sasl_is_handed_on_as_the_client_takes_it() -> None:
    assert Security.read(SASL).options == {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "sunlight",
        "sasl_plain_password": "a-secret",
    }


def test_a_password_in_a_file_loses_only_its_end_of_line(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(" a secret \n")
    env = {**SASL, "KAFKA_SASL_PASSWORD": "", "KAFKA_SASL_PASSWORD_FILE": str(file)}
    assert Security.read(env).password == " a secret "  # noqa: S105


def test_the_password_is_not_in_what_is_printed() -> None:
    assert "a-secret" not in repr(Security.read(SASL))


def test_brokers_are_verified_by_name_and_authority() -> None:
    context = Security.read({"KAFKA_SECURITY_PROTOCOL": "SSL"}).context
    assert context is not None
    assert context.check_hostname
    assert context.verify_mode.name == "CERT_REQUIRED"


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"KAFKA_SECURITY_PROTOCOL": "TLS"}, "KAFKA_SECURITY_PROTOCOL: 'TLS' is none of"),
        ({"KAFKA_SSL_CAFILE": "ca.pem"}, "KAFKA_SSL_CAFILE has no use"),
        (
            {"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SASL_USERNAME": "me"},
            "KAFKA_SASL_USERNAME has no use",
        ),
        (
            {"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CAFILE": "/nowhere/ca.pem"},
            "KAFKA_SSL_CAFILE=/nowhere/ca.pem: No such file",
        ),
        (
            {"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_KEYFILE": "key.pem"},
            "needs KAFKA_SSL_CERTFILE",
        ),
        ({**SASL, "KAFKA_SASL_MECHANISM": "GSSAPI"}, "KAFKA_SASL_MECHANISM: 'GSSAPI' is none"),
        ({**SASL, "KAFKA_SASL_PASSWORD": ""}, "SASL needs"),
        ({**SASL, "KAFKA_SASL_PASSWORD_FILE": "x"}, "one of them"),
        (
            {**SASL, "KAFKA_SASL_PASSWORD": "", "KAFKA_SASL_PASSWORD_FILE": "/nowhere/x"},
            "KAFKA_SASL_PASSWORD_FILE: /nowhere/x: No such file",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused_by_name(env: dict[str, str], told: str) -> None:
    with pytest.raises(KafkaSettingError) as refused:
        Security.read(env)
    assert told in str(refused.value)
    assert "a-secret" not in str(refused.value)
