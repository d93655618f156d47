"""What pydantic found wrong, as a sentence a person can act on, in both languages.

Must never repeat the value itself: it may be a name or a number of a person.
"""

from typing import Any, Final

from pydantic import ValidationError

from libs.common.web.errors import Invalid
from libs.common.web.language import LANGUAGES, Language

CHINESE: Final[dict[str, str]] = {
    "missing": "必填",
    "extra_forbidden": "不接受该字段",
    "string_type": "应为文本",
    "string_too_short": "至少 {min_length} 个字符",
    "string_too_long": "至多 {max_length} 个字符",
    "string_pattern_mismatch": "格式应为 {pattern}",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "decimal_parsing": "应为数字",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "应不小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "应不大于 {le}",
    "enum": "应为其中之一:{expected}",
    "literal_error": "应为其中之一:{expected}",
    "date_type": "应为日期,如 2026-03-02",
    "date_parsing": "应为日期,如 2026-03-02",
    "date_from_datetime_parsing": "应为日期,如 2026-03-02",
    "datetime_type": "应为带时区的时间,如 2026-03-02T09:00:00+08:00",
    "datetime_parsing": "应为带时区的时间,如 2026-03-02T09:00:00+08:00",
    "datetime_from_date_parsing": "应为带时区的时间,如 2026-03-02T09:00:00+08:00",
    "timezone_aware": "时间须带时区,如 +08:00",
    "uuid_type": "应为 UUID",
    "uuid_parsing": "应为 UUID",
    "list_type": "应为列表",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "too_short": "至少 {min_length} 项",
    "too_long": "至多 {max_length} 项",
    "union_tag_invalid": "{discriminator} 应为其中之一:{expected_tags}",
    "union_tag_not_found": "缺少 {discriminator}",
}


def sentence(error: dict[str, Any], language: Language) -> str:
    """One pydantic error (`type`, `msg`, `ctx`) in `language`; an unknown type keeps its text."""
    if error["type"] == "value_error":
        # A validator of ours says both in one sentence; pydantic puts a prefix before it.
        zh, _, en = str(error["msg"]).removeprefix("Value error, ").partition(" / ")
        return zh if language == "zh" else en or zh
    template = CHINESE.get(error["type"])
    if language == "en" or template is None:
        return str(error["msg"])
    return template.format_map(_Context(error.get("ctx", {})))


def refused(error: ValidationError) -> Invalid:
    """Everything that pydantic found wrong with one body or form, as a refusal."""
    return Invalid(
        errors=[
            (
                "/" + "/".join(map(str, fault["loc"])),
                {language: sentence(dict(fault), language) for language in LANGUAGES},
            )
            for fault in error.errors(include_url=False)
        ]
    )


class _Context(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"
