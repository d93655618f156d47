"""Refusals that only materials know, with their sentences in both languages."""

from libs.common.web.errors import Conflict, DomainError, Unavailable


class NoFileStore(Unavailable):
    """503: the installation has named no folder for files."""

    code = "no_file_store"
    zh = "本系统尚未设置附件文件夹(APPROVAL_FILES),不能收取或提供材料文件"
    en = "No folder for files is set (APPROVAL_FILES), so none is taken in or given out"


class AlreadyWithdrawn(Conflict):
    """409: a material is withdrawn once."""

    code = "material_withdrawn"
    zh = "第 {number} 号材料已经撤下"
    en = "Material {number} has been withdrawn already"


class MaterialGone(DomainError):
    """410: what was withdrawn, as another person's document may be, is given out to nobody."""

    code = "material_gone"
    status = 410
    zh = "第 {number} 号材料已撤下,不再提供。撤下原因:{reason}"
    en = "Material {number} was withdrawn and is no longer given out. Why: {reason}"
