"""What may be done to a tender that is published: each act's name, what it takes and who does it.

The one list that the HTTP face and every other caller go by. Must never decide whether an act is
possible: `policy` does.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from libs.common.web import acts
from services.resource_trading.tender import schemas, service
from services.resource_trading.tender.command import Step

Act: TypeAlias = acts.Act[Callable[[Step, Any], Awaitable[Step]]]

ACTS: Final = (
    Act("clarify", "澄清、修改招标文件.", schemas.Clarify, service.clarify_tender),
    Act("file-objection", "提出异议.", schemas.FileObjection, service.file_objection),
    Act("answer-objection", "答复异议.", schemas.AnswerObjection, service.answer_objection),
    Act("open", "开标.", schemas.Open, service.open_tender),
    Act("evaluate", "收到评标报告.", schemas.Evaluate, service.evaluate_tender),
    Act("terminate", "终止招标.", schemas.Terminate, service.terminate_tender),
)
