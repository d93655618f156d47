"""Why a file is not taken in, or not given out, in both languages.

Must never repeat a file's name or content: either may hold a person's data.
"""

from libs.common.web.errors import DomainError, Invalid

MEGABYTE = 1024 * 1024
_KINDS = "PDF, JPEG, PNG, TIFF, OFD, DOCX, XLSX"


class FileTooLarge(DomainError):
    """413: longer than a file may be."""

    code = "file_too_large"
    status = 413
    zh = "文件超过上限 {limit},请压缩或分成几个文件"
    en = "The file is longer than the limit of {limit}; compress or divide it"


class FileRefused(DomainError):
    """415: not of a kind that is taken in, whatever its name says."""

    code = "file_refused"
    status = 415
    zh = f"不接受这个文件:{{reason}}。可以上传 {_KINDS}(以内容为准)"
    en = f"This file is not taken: {{reason}}. Send {_KINDS}, by content and not by name"


class UploadBroken(Invalid):
    """422: the upload is no whole form with one file."""

    code = "upload_broken"
    zh = "上传不完整:{reason}"
    en = "The upload is not whole: {reason}"


class FileDamaged(DomainError):
    """500: what is stored is not what was handed in, so it is not given out."""

    code = "file_damaged"
    status = 500
    zh = "这个文件的存档与收到时不一致,不能提供;请联系系统管理员核查"
    en = "What is stored of this file is not what was handed in; ask the administrator to look"


def too_large(limit: int) -> FileTooLarge:
    """The refusal, with the limit (in bytes) in words."""
    whole, rest = divmod(limit, MEGABYTE)
    return FileTooLarge(limit=f"{limit} B" if rest else f"{whole} MB")


def refused(zh: str, en: str) -> FileRefused:
    """The refusal, with its reason."""
    return FileRefused(reason={"zh": zh, "en": en})


def broken(zh: str, en: str) -> UploadBroken:
    """The refusal, with its reason."""
    return UploadBroken(reason={"zh": zh, "en": en}, errors=[("/file", {"zh": zh, "en": en})])
