"""The service items (事项) of the made-up city: list and limits are our own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sunlight.city.offices import OFFICES, Office


@dataclass(frozen=True, slots=True)
class Item:
    """A service: `promised` working days, `document` whether a licence is handed out.

    `immediate`: decided on the spot. `test`: the ground on which its clock may rest.
    """

    code: str
    title: str
    english: str
    kind: str
    office: Office
    promised: int
    document: bool
    immediate: bool = False
    test: str | None = None


LICENCE: Final = "行政许可"
_LIST: Final = (
    ("permit", "小型餐饮店登记", "Registration of a small eatery", LICENCE, 5, True, None),
    ("permit", "公共场所卫生许可", "Public-place hygiene licence", LICENCE, 10, True, "inspection"),
    ("permit", "户外招牌设置许可", "Outdoor signboard permit", LICENCE, 7, True, None),
    ("permit", "临时占道许可", "Temporary road occupation permit", LICENCE, 5, True, None),
    (
        "permit",
        "营业性演出备案",
        "Filing of a commercial performance",
        "其他行政权力",
        3,
        False,
        None,
    ),
    ("market", "食品经营许可", "Food business licence", LICENCE, 8, True, "inspection"),
    ("market", "药品零售经营许可", "Pharmacy licence", LICENCE, 12, True, "inspection"),
    ("market", "企业名称变更登记", "Change of a company name", "行政确认", 2, True, None),
    (
        "market",
        "特种设备使用登记",
        "Registration of special equipment",
        "行政确认",
        6,
        True,
        "testing",
    ),
    ("housing", "建筑工程施工许可", "Construction permit", LICENCE, 5, True, None),
    ("housing", "商品房预售许可", "Housing presale permit", LICENCE, 7, True, None),
    ("housing", "燃气经营许可", "Gas supply licence", LICENCE, 12, True, "expert_review"),
    (
        "housing",
        "物业维修资金使用备案",
        "Filing of property repair funds",
        "其他行政权力",
        5,
        False,
        None,
    ),
    ("land", "建设工程规划许可", "Building planning permit", LICENCE, 10, True, "expert_review"),
    ("land", "建设用地规划许可", "Land-use planning permit", LICENCE, 10, True, None),
    ("land", "不动产抵押登记", "Registration of a mortgage", "行政确认", 3, True, None),
    ("ecology", "排污许可", "Pollutant discharge permit", LICENCE, 15, True, "testing"),
    ("ecology", "危险废物经营许可", "Hazardous waste licence", LICENCE, 15, True, "expert_review"),
    (
        "ecology",
        "夜间施工噪声证明",
        "Night construction noise certificate",
        "行政确认",
        2,
        True,
        None,
    ),
    ("traffic", "道路货运经营许可", "Road haulage licence", LICENCE, 8, True, None),
    ("traffic", "超限运输车辆通行许可", "Oversized transport permit", LICENCE, 5, True, None),
    ("traffic", "网约车运输证", "Ride-hailing vehicle permit", LICENCE, 10, True, "testing"),
    ("health", "诊所备案", "Filing of a clinic", "其他行政权力", 5, True, None),
    ("health", "放射诊疗许可", "Radiology licence", LICENCE, 12, True, "testing"),
    ("health", "护士执业注册", "Registration of a nurse", LICENCE, 8, True, None),
    ("people", "劳务派遣经营许可", "Labour dispatch licence", LICENCE, 10, True, None),
    ("people", "人力资源服务许可", "Human resources service licence", LICENCE, 10, True, None),
    ("people", "创业补贴申领", "Start-up subsidy", "行政给付", 10, False, None),
    ("farm", "兽药经营许可", "Veterinary medicine licence", LICENCE, 10, True, "inspection"),
    ("farm", "种子生产经营许可", "Seed business licence", LICENCE, 12, True, "inspection"),
    ("water", "取水许可", "Water abstraction permit", LICENCE, 15, True, "expert_review"),
    ("water", "城镇污水排入管网许可", "Sewer discharge permit", LICENCE, 10, True, "testing"),
    ("culture", "互联网上网服务场所许可", "Internet café licence", LICENCE, 10, True, "inspection"),
    ("culture", "旅行社设立许可", "Travel agency licence", LICENCE, 10, True, None),
    (
        "fire",
        "危险化学品经营许可",
        "Hazardous chemicals licence",
        LICENCE,
        15,
        True,
        "expert_review",
    ),
    ("civil", "社会团体成立登记", "Registration of an association", LICENCE, 15, True, None),
    ("civil", "高龄津贴申领", "Old-age allowance", "行政给付", 5, False, None),
    (
        "school",
        "民办培训机构办学许可",
        "Private training school licence",
        LICENCE,
        15,
        True,
        "inspection",
    ),
    (
        "east",
        "个体户食品小作坊登记",
        "Registration of a food workshop",
        LICENCE,
        6,
        True,
        "inspection",
    ),
    ("south", "小餐饮登记", "Registration of a small restaurant", LICENCE, 6, True, None),
    ("hill", "林木采伐许可", "Tree felling permit", LICENCE, 8, True, None),
    ("river", "水产养殖许可", "Aquaculture licence", LICENCE, 8, True, None),
    ("permit", "老年人优待证", "Senior citizen card", "公共服务", 1, True, None),
)
ON_THE_SPOT: Final = frozenset({"老年人优待证", "营业性演出备案"})


def _item(number: int, row: tuple[str, str, str, str, int, bool, str | None]) -> Item:
    key, title, english, kind, promised, document, test = row
    office = OFFICES[key]
    code = f"{office.code}{number:013d}"
    immediate = title in ON_THE_SPOT
    return Item(code, title, english, kind, office, promised, document, immediate, test)


ITEMS: Final = tuple(_item(number, row) for number, row in enumerate(_LIST, start=1))
BY_CODE: Final = {item.code: item for item in ITEMS}
