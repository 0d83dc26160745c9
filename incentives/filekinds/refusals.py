"""Why an uploaded file is not taken: one code and one sentence for each reason (POE-2)."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "kind": _(
        "Files of this type cannot be uploaded. Save the document as PDF, Word, Excel, PowerPoint or Outlook message"
        " (.pdf, .ppt, .pptx, .doc, .docx, .msg, .xls, .xlsx), and upload that."
    ),
    "empty": _("This file is empty. Check that the document was saved completely, then upload it again."),
    "mismatch": _(
        "What is in this file is not what its name says. Open it in the program that made it, save it under the"
        " right type, and upload that copy."
    ),
    "damaged": _("This file is damaged or incomplete. Open it, save it as a new file, and upload that copy."),
    "mixed": _(
        "This file holds other data before, between or after the parts of the document. Open it, save it as a new"
        " file, and upload that copy."
    ),
    "password": _(
        "This file is protected by a password or by restrictions, so a reviewer cannot read it. Remove the"
        " protection, save it, and upload that copy."
    ),
    "macros": _("This file contains macros. Save it without macros, or as PDF, and upload that copy."),
    "active": _(
        "This file contains scripts, controls or commands that act when it is opened. Print it to a new PDF file, and"
        " upload that."
    ),
    "embedded": _(
        "This file carries other files inside it. Take them out, or print the document to a new PDF file; upload"
        " files that belong to the proof on their own."
    ),
    "external": _(
        "This file takes content from elsewhere: linked pictures, templates, workbooks or data. Break the links, or"
        " save it as PDF, and upload that copy."
    ),
    "attachment": _(
        "An attachment of this e-mail may act when it is opened: a program, or a document with macros, scripts or"
        " links to outside content. Save the e-mail without that attachment, and upload that copy."
    ),
    "too_complex": _(
        "This file unpacks to more than can be checked. Make it smaller, for example by compressing its pictures or by"
        " printing it to a new PDF file, and upload that."
    ),
    "malware": _(
        "The malware scan found a threat in this file. Check your computer, and upload a clean copy."
    ),
    "unscanned": _(
        "This file could not be checked for malware just now, so it was not stored. Try again in some minutes."
    ),
}


class FileRefused(ValueError):
    """A file is not taken; the message says what is wrong and what to do."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = SENTENCES[code]
