"""The offices and enterprises of the made-up city, with well-formed codes that nobody has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from libs.common.codes import credit_check_character

CITY: Final = "990100"
REGIONS: Final = {
    CITY: {"zh": "阳光市", "en": "Yangguang City"},
    "990102": {"zh": "晨曦区", "en": "Chenxi District"},
    "990103": {"zh": "向阳区", "en": "Xiangyang District"},
    "990121": {"zh": "明山县", "en": "Mingshan County"},
    "990122": {"zh": "清河县", "en": "Qinghe County"},
}
TOWNSHIPS: Final = {
    "990102001": {"zh": "东风街道", "en": "Dongfeng Subdistrict"},
    "990103001": {"zh": "南湖街道", "en": "Nanhu Subdistrict"},
    "990121100": {"zh": "石桥镇", "en": "Shiqiao Town"},
    "990122100": {"zh": "柳河镇", "en": "Liuhe Town"},
}
_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class Office:
    """A body of the city or of one of its counties; `code` is its 统一社会信用代码."""

    key: str
    name: str
    english: str
    region: str
    code: str


def credit_code(kind: str, region: str, number: int) -> str:
    """A well-formed code: `kind` 11 a body, 91 an enterprise (GB 32100, GB 11714)."""
    local = f"{number:08d}"
    rest = 11 - sum(int(d) * w for d, w in zip(local, _WEIGHTS, strict=True)) % 11
    body = kind + region + local + {10: "X", 11: "0"}.get(rest, str(rest))
    return body + credit_check_character(body)


def _office(number: int, key: str, name: str, english: str, region: str = CITY) -> Office:
    return Office(key, name, english, region, credit_code("11", region[:6], number))


_NAMES: Final = (
    ("permit", "阳光市行政审批服务局", "Yangguang Administrative Approval Bureau", CITY),
    ("market", "阳光市市场监督管理局", "Yangguang Market Supervision Bureau", CITY),
    ("housing", "阳光市住房和城乡建设局", "Yangguang Housing and Construction Bureau", CITY),
    ("land", "阳光市自然资源和规划局", "Yangguang Natural Resources and Planning Bureau", CITY),
    ("ecology", "阳光市生态环境局", "Yangguang Ecology and Environment Bureau", CITY),
    ("traffic", "阳光市交通运输局", "Yangguang Transport Bureau", CITY),
    ("health", "阳光市卫生健康委员会", "Yangguang Health Commission", CITY),
    (
        "people",
        "阳光市人力资源和社会保障局",
        "Yangguang Human Resources and Social Security Bureau",
        CITY,
    ),
    ("farm", "阳光市农业农村局", "Yangguang Agriculture and Rural Affairs Bureau", CITY),
    ("water", "阳光市水务局", "Yangguang Water Bureau", CITY),
    ("culture", "阳光市文化和旅游局", "Yangguang Culture and Tourism Bureau", CITY),
    ("fire", "阳光市应急管理局", "Yangguang Emergency Management Bureau", CITY),
    ("civil", "阳光市民政局", "Yangguang Civil Affairs Bureau", CITY),
    ("school", "阳光市教育局", "Yangguang Education Bureau", CITY),
    ("east", "晨曦区行政审批服务局", "Chenxi District Administrative Approval Bureau", "990102"),
    (
        "south",
        "向阳区行政审批服务局",
        "Xiangyang District Administrative Approval Bureau",
        "990103",
    ),
    ("hill", "明山县行政审批服务局", "Mingshan County Administrative Approval Bureau", "990121"),
    ("river", "清河县行政审批服务局", "Qinghe County Administrative Approval Bureau", "990122"),
    ("centre", "阳光市公共资源交易中心", "Yangguang Public Resource Trading Centre", CITY),
    ("works", "阳光市城市建设投资中心", "Yangguang Urban Construction Investment Centre", CITY),
)
OFFICES: Final = {row[0]: _office(number, *row) for number, row in enumerate(_NAMES, start=1)}
GOVERNMENTS: Final = {
    region: _office(
        number, f"gov-{region}", f"{name['zh']}人民政府", f"{name['en']} Government", region
    )
    for number, (region, name) in enumerate((REGIONS | TOWNSHIPS).items(), start=41)
}
"""The governments of city, counties and townships by their region."""
SUPERVISION: Final = _office(61, "watch", "阳光市电子监察中心", "Yangguang Monitoring Centre")
VERIFICATION: Final = _office(62, "verify", "阳光市政务督查室", "Yangguang Inspection Office")
AUDIT: Final = _office(63, "audit", "阳光市审计局", "Yangguang Audit Bureau")
HILL_SUPERVISION: Final = _office(
    64, "watch-hill", "明山县电子监察中心", "Mingshan County Monitoring Centre", "990121"
)
COUNTY_WORKS: Final = {
    "990121": _office(
        65, "works-hill", "明山县建设投资中心", "Mingshan County Works Centre", "990121"
    ),
    "990122": _office(
        66, "works-river", "清河县建设投资中心", "Qinghe County Works Centre", "990122"
    ),
}
"""Who invites tenders in the counties whose centres have systems of their own."""
WATCHERS: Final = (SUPERVISION, VERIFICATION, AUDIT, HILL_SUPERVISION)
BODIES: Final = (
    *GOVERNMENTS.values(),
    *OFFICES.values(),
    *COUNTY_WORKS.values(),
    *WATCHERS,
)
DEMO_APPROVAL: Final = OFFICES["permit"].code
"""The office whose window a visitor of the demonstration stands at."""
DEMO_TRADING: Final = OFFICES["works"].code
TENDERERS: Final = tuple(OFFICES[key] for key in ("works", "housing", "traffic", "water", "school"))
ENTERPRISES: Final = tuple(credit_code("91", CITY, 900 + number) for number in range(40))
