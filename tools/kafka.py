"""A real Apache Kafka on this machine without Docker: one KRaft node on free loopback ports.

`make kafka` runs it in the foreground; tests use `kafka_node`. Needs Java 17 and Maven.
Must never listen beyond loopback.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / ".cache" / "kafka" / "lib"
KAFKA = "4.1.1"
LOG4J = "2.24.3"
START_SECONDS = 60
HEAP = ["-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]

POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>cn.sunlight</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>{dependencies}</dependencies>
</project>
"""
DEPENDENCY = (
    "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>"
)
ARTIFACTS = (
    ("org.apache.kafka", "kafka_2.13", KAFKA),
    ("org.apache.kafka", "kafka-tools", KAFKA),
    ("org.apache.logging.log4j", "log4j-slf4j-impl", LOG4J),
    ("org.apache.logging.log4j", "log4j-core", LOG4J),
)

PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs={folder}/log
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=16777216
"""

LOG4J_CONFIGURATION = """
status=error
rootLogger.level=warn
rootLogger.appenderRef.out.ref=out
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %p %c{1} %m%n
"""


class KafkaError(RuntimeError):
    """Kafka can't be fetched or started; the message carries the end of its log."""


def missing() -> str | None:
    """Why Kafka can't run on this machine; None when it can."""
    absent = [name for name in ("java", "mvn") if shutil.which(name) is None]
    return f"Apache Kafka needs {' and '.join(absent)} on the path" if absent else None


def resolve(library: Path = LIBRARY) -> Path:
    """The folder of Kafka's jars, fetched with Maven the first time (about 55 MB)."""
    stamp = library / f"kafka-{KAFKA}-log4j-{LOG4J}"
    if stamp.exists():
        return library
    if reason := missing():
        raise KafkaError(reason)
    shutil.rmtree(library, ignore_errors=True)
    library.mkdir(parents=True)
    pom = library / "pom.xml"
    dependencies = "".join(DEPENDENCY.format(*artifact) for artifact in ARTIFACTS)
    pom.write_text(POM.format(dependencies=dependencies), "utf-8")
    goal = ["dependency:copy-dependencies", f"-DoutputDirectory={library}"]
    done = subprocess.run(
        ["mvn", "-q", "-B", "-f", str(pom), *goal], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise KafkaError(
            f"Maven could not fetch Kafka:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    stamp.touch()
    return library


class KafkaNode:
    """One broker and controller in `folder`; its data and ports outlive a stop or a kill."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port, controller = (port or free_port()), free_port()
        self._process: subprocess.Popen[bytes] | None = None
        properties = PROPERTIES.format(port=self.port, controller=controller, folder=self.folder)
        self._properties = self.folder / "node.properties"
        self._properties.write_text(properties, "utf-8")
        (self.folder / "log4j2.properties").write_text(LOG4J_CONFIGURATION, "utf-8")
        if not (self.folder / "log" / "meta.properties").exists():
            self._format()

    @property
    def bootstrap(self) -> str:
        """The address for clients, `127.0.0.1:PORT`."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The running node's process id."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the node and wait until it serves clients; the same data as before."""
        if self._process and self._process.poll() is None:
            return
        with (self.folder / "kafka.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._java("kafka.Kafka", str(self._properties)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches us alone, and we stop it in order
            )
        try:
            self._await_ready(self._process)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Stop in order (SIGTERM); idempotent."""
        if self._process and self._process.poll() is None:
            # a frozen node must be woken to hear it
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def wait(self) -> None:
        """Wait until the node ends."""
        if self._process:
            self._process.wait()

    def kill(self) -> None:
        """Kill the node (SIGKILL), as a crash would."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def _format(self) -> None:
        cluster_id = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")
        arguments = ["format", "-t", cluster_id, "-c", str(self._properties)]
        command = self._java("kafka.tools.StorageTool", *arguments)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise KafkaError(f"Kafka's storage could not be formatted:\n{done.stdout}{done.stderr}")

    def _java(self, program: str, *arguments: str) -> list[str]:
        configuration = f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}"
        classes = f"{resolve()}{os.sep}*"
        return ["java", *HEAP, configuration, "-cp", classes, program, *arguments]

    def _await_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.port), timeout=1),
            ):
                return
            time.sleep(0.1)
        log = (self.folder / "kafka.log").read_text("utf-8", "replace")[-3000:]
        raise KafkaError(f"Kafka did not start on port {self.port}:\n{log}")


def free_port() -> int:
    """A loopback port that was free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def kafka_node(folder: Path, *, port: int | None = None) -> Iterator[KafkaNode]:
    """A running node in `folder`, stopped afterwards; the folder stays."""
    node = KafkaNode(folder, port=port)
    try:
        node.start()
        yield node
    finally:
        node.stop()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Run a node with temporary data until Ctrl-C; the bootstrap address goes to stdout."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="sunlight-kafka-") as folder,
            kafka_node(Path(folder)) as node,
        ):
            print(f"KAFKA_BOOTSTRAP_SERVERS={node.bootstrap}", flush=True)
            print("Ctrl-C stops it and removes its data.", file=sys.stderr)
            node.wait()
            print("Kafka ended by itself.", file=sys.stderr)
            return 3
    except KeyboardInterrupt:
        return 0
    except KafkaError as error:
        print(error, file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main())
