"""Kafka behind TLS and SASL: a real broker that admits nobody without both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from libs.common.bus.protocol import Outgoing, TopicPartition
from libs.common.bus.transport import Transport
from tests import needs
from tools.kafka import KafkaNode, missing

pytestmark = pytest.mark.kafka
NAME, SECRET = "sunlight", "of-the-tests"
LISTENER = "SASL_SSL"
SECURE = """
listeners={listener}://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners={listener}://127.0.0.1:{port}
listener.security.protocol.map={listener}:{listener},CONTROLLER:PLAINTEXT
inter.broker.listener.name={listener}
sasl.mechanism.inter.broker.protocol=PLAIN
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.\
PlainLoginModule required username="{name}" password="{secret}" user_{name}="{secret}";
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.\
ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/ca.pem
listener.name.sasl_ssl.ssl.client.auth=required
"""


class Authority:
    """A certificate authority that lives for one run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "throwaway")])
        self.certificate = self._signed(self.name, self.key.public_key(), authority=True)
        (folder / "ca.pem").write_bytes(_pem(self.certificate))

    def issue(self, name: str) -> None:
        """A key and its certificate for 127.0.0.1 in one file, `NAME.pem`."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = self._signed(subject, key.public_key(), authority=False)
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        (self.folder / f"{name}.pem").write_bytes(private + _pem(certificate))

    def _signed(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, *, authority: bool
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(address, critical=False)
            .sign(self.key, hashes.SHA256())
        )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


class SecureNode(KafkaNode):
    """A node with one listener, behind TLS with certificates on both sides, and SASL."""

    def _format(self) -> None:
        authority = Authority(self.folder)
        for name in ("broker", "client"):
            authority.issue(name)
        text = self._properties.read_text("utf-8")
        controller = text.partition("CONTROLLER://127.0.0.1:")[2].split()[0]
        values = {"port": self.port, "controller": controller, "folder": self.folder}
        more = SECURE.format(listener=LISTENER, name=NAME, secret=SECRET, **values)
        self._properties.write_text(text + more, "utf-8")
        super()._format()

    def _java(self, program: str, *arguments: str) -> list[str]:
        if arguments[0] == "format":
            scram = f"SCRAM-SHA-256=[name={NAME},password={SECRET}]"
            arguments = (*arguments, "--add-scram", scram)
        return super()._java(program, *arguments)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureNode]:
    if reason := missing():
        needs.require(reason)
    made = SecureNode(tmp_path_factory.mktemp("secure"))
    try:
        made.start()
        yield made
    finally:
        made.stop()


def settings(node: SecureNode, **changes: str) -> dict[str, str]:
    """The environment of a process that is admitted."""
    secret = node.folder / "secret"
    secret.write_text(f"{SECRET}\n")
    named = {
        "KAFKA_BOOTSTRAP_SERVERS": node.bootstrap,
        "KAFKA_SECURITY_PROTOCOL": LISTENER,
        "KAFKA_SSL_CAFILE": str(node.folder / "ca.pem"),
        "KAFKA_SSL_CERTFILE": str(node.folder / "client.pem"),
        "KAFKA_SASL_MECHANISM": "PLAIN",
        "KAFKA_SASL_USERNAME": NAME,
        "KAFKA_SASL_PASSWORD_FILE": str(secret),
        **changes,
    }
    return {name: value for name, value in named.items() if value}


async def carried(env: Mapping[str, str], value: bytes) -> bytes:
    """What a source receives of what a producer sent, both made as the processes make theirs."""
    transport = Transport.chosen(env)
    await transport.prepare()
    producer, source = transport.producer(), transport.source("monitor")
    places = {TopicPartition("approval", number): 0 for number in range(12)}

    async def assigned(held: frozenset[TopicPartition]) -> dict[TopicPartition, int]:
        return {place: 0 for place in held if place in places}

    await producer.start()
    try:
        await producer.send([Outgoing("approval", 0, "case/1", value)])
        await source.start(["approval"], assigned)
        while not (records := await source.fetch(10, 1)):
            pass
        return records[-1].value
    finally:
        await source.stop()
        await producer.stop()
        await transport.remove()


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256"])
async def test_events_go_over_a_broker_that_asks_for_both(node: SecureNode, mechanism: str) -> None:
    prefix = f"{mechanism.lower()}."
    env = settings(node, KAFKA_SASL_MECHANISM=mechanism, KAFKA_TOPIC_PREFIX=prefix)
    assert await carried(env, mechanism.encode()) == mechanism.encode()


@pytest.mark.parametrize(
    "changes",
    [
        {"KAFKA_SASL_PASSWORD_FILE": "", "KAFKA_SASL_PASSWORD": "wrong"},
        {"KAFKA_SSL_CAFILE": ""},
        {"KAFKA_SSL_CERTFILE": ""},
        {
            "KAFKA_SECURITY_PROTOCOL": "",
            "KAFKA_SSL_CAFILE": "",
            "KAFKA_SSL_CERTFILE": "",
            "KAFKA_SASL_MECHANISM": "",
            "KAFKA_SASL_USERNAME": "",
            "KAFKA_SASL_PASSWORD_FILE": "",
        },
    ],
    ids=["wrong-password", "unknown-authority", "no-certificate", "plain-text"],
)
async def test_whoever_shows_less_is_refused(node: SecureNode, changes: dict[str, str]) -> None:
    transport = Transport.chosen(settings(node, **changes))
    with pytest.raises((KafkaError, KafkaConnectionError)):
        await transport.prepare()
