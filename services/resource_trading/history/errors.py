"""Refusals that only imports know, with their sentences in both languages."""

from libs.common.web.errors import DomainError, Unavailable


class UnknownMapping(DomainError):
    """422: there is no mapping of that name, or it reads no tenders."""

    status = 422
    code = "unknown_mapping"
    zh = "没有名为“{name}”的招标映射"
    en = "There is no mapping {name} for tenders"


class TooManyRecords(DomainError):
    """422: a request's packages hold more records than one import takes."""

    status = 422
    code = "too_many_records"
    zh = "一次导入至多 {most} 条记录(包内各条分别计数),请分批,或用 sunlight import tenders"
    en = "An import takes {most} records at once, each of a package counts: send them in parts"


class NoReader(Unavailable):
    """503: the process was composed without what reads recorded formats."""

    code = "no_reader"
    zh = "本进程未配置导入映射,请用 sunlight import tenders"
    en = "This process has no mappings to read with; use `sunlight import tenders`"
