"""Files of every kind, made by libraries that know the formats, and files that pretend."""

import io
import struct
import zipfile
from collections.abc import Mapping

from PIL import Image
from reportlab.pdfgen.canvas import Canvas


def pdf() -> bytes:
    """One page with a word on it."""
    made = io.BytesIO()
    canvas = Canvas(made, invariant=1)
    canvas.drawString(100, 700, "form")
    canvas.save()
    return made.getvalue()


def picture(form: str) -> bytes:
    """A small picture: JPEG, PNG, TIFF, or another form of the library."""
    made = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(made, form)
    return made.getvalue()


def zipped(entries: Mapping[str, bytes]) -> bytes:
    """A zip archive, its entries in their order."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return made.getvalue()


_PARTS = {"[Content_Types].xml": b"<Types/>", "_rels/.rels": b"<Relationships/>"}


def docx(**more: bytes) -> bytes:
    """A document of the office's word processor; `more` entries beside."""
    return zipped({**_PARTS, "word/document.xml": b"<document/>", **more})


def xlsx() -> bytes:
    """A spreadsheet."""
    return zipped({**_PARTS, "xl/workbook.xml": b"<workbook/>"})


def ofd() -> bytes:
    """A document after GB/T 33190."""
    return zipped({"OFD.xml": b"<OFD/>", "Doc_0/Document.xml": b"<Document/>"})


def bomb(claimed: int = 3 * 2**30) -> bytes:
    """A document whose directory says of one entry that it unpacks to so many bytes."""
    made = bytearray(docx(**{"word/media/a.bin": b"0" * 1000}))
    at = made.rindex(b"PK\x01\x02")
    struct.pack_into("<L", made, at + 24, claimed)
    return bytes(made)


def unreadable_docx() -> bytes:
    """A document whose directory is whole and whose entries can't be unpacked."""
    made = bytearray(docx(**{"word/media/a.bin": bytes(range(256)) * 40}))
    at = made.index(b"a.bin") + len("a.bin")
    made[at : at + 200] = b"\xff" * 200
    return bytes(made)


WELL = {
    "application/pdf": pdf(),
    "image/jpeg": picture("JPEG"),
    "image/png": picture("PNG"),
    "image/tiff": picture("TIFF"),
    "application/ofd": ofd(),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": docx(),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": xlsx(),
}
ILL = {
    "page": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
    "page-after-blanks": b"\n\n  <HTML><body onload=alert(1)>",
    "page-after-a-comment": b"<!-- %PDF-1.7 --><script>alert(1)</script>",
    "drawing": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
    "script": b"#!/bin/sh\nrm -rf /\n",
    "python": b"import os\nos.remove('x')\n",
    "windows-program": b"MZ\x90\x00\x03" + b"\0" * 200 + b"PE\0\0",
    "linux-program": b"\x7fELF\x02\x01\x01" + b"\0" * 200,
    "text": "申请书".encode(),
    "gif": picture("GIF"),
    "plain-zip": zipped({"a.txt": b"x"}),
    "java-archive": zipped({"META-INF/MANIFEST.MF": b"x", "A.class": b"\xca\xfe\xba\xbe"}),
    "cut-zip": docx()[:-30],
    "word-with-macros": docx(**{"word/vbaProject.bin": b"x"}),
    "two-documents": docx(**{"xl/workbook.xml": b"x"}),
    "zip-that-leads-out": docx(**{"../../etc/cron.d/x": b"x"}),
    "zip-with-an-absolute-path": docx(**{"/etc/passwd": b"x"}),
    "zip-bomb": bomb(),
    "page-before-a-zip": b"<html><script>alert(1)</script>" + docx(),
    "nul": b"\0" * 500,
    "one-byte": b"%",
}
