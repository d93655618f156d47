"""What an installation sets of who may come in.

Must never have a default that lets anyone in: without the demonstration nobody is known.
"""

from pydantic_settings import BaseSettings

from libs.common.identity.actor import Actor, Identify, loopback_only, nobody


class Access(BaseSettings):
    """Where a service listens and, for the demonstration only, who acts.

    A service's settings say which post that is, and what it may do.
    """

    host: str = "127.0.0.1"
    demo: bool = False
    demo_post: str
    demo_office: str
    demo_region: str = "990100"
    demo_duties: frozenset[str] = frozenset()

    def identify(self) -> Identify:
        """How this installation knows who asks."""
        if not self.demo:
            return nobody
        actor = Actor(self.demo_post, self.demo_office, self.demo_region, self.demo_duties)
        return loopback_only(actor, self.host)
