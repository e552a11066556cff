"""The texts of letters: those that are shipped, and an MSP's own in a folder, checked before any is used.

A text may say it in other words. It must still tell what the letter is for, and it names nothing that the letter does
not have.
"""

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from jinja2 import ChoiceLoader, DictLoader, Environment, PackageLoader, StrictUndefined, TemplateError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from sendoff.model.errors import BadInput
from sendoff.papers.words import letter_day, letter_start, one_line

LANGUAGES = ("nl", "en")
SUBJECTS = {"nl": "Onderwerp: ", "en": "Subject: "}
LARGEST = 64 * 1024
NAME = re.compile(r"([a-z-]+)\.(nl|en)\.txt")
TOLD = frozenset(
    {
        "access_until",
        "administrator_mail",
        "administrator_role",
        "branch",
        "commitments",
        "contract_end",
        "inside",
        "notice_reached",
        "partner_id",
        "protections",
        "provider_tenant",
        "starts",
        "subscriptions",
        "tasks",
        "withheld",
    }
)
"""What a text must name when the shipped text of the same letter does: people decide and act on it."""
Texts = Mapping[str, str]


def shipped() -> Texts:
    """Every shipped text by its file name."""
    folder = files("sendoff.papers").joinpath("templates", "letters")
    return {one.name: one.read_text(encoding="utf-8") for one in folder.iterdir() if one.is_file()}


def letter_environment(own: Texts | None = None) -> Environment:
    """How letters are rendered; own texts go before the shipped ones. A text can call nothing and change nothing."""
    made = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([DictLoader({**(own or {})}), PackageLoader("sendoff.papers", "templates/letters")]),
        autoescape=False,  # letters are plain text; nothing in them is markup
        undefined=StrictUndefined,
        finalize=one_line,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"day": letter_day, "start": letter_start}
    made.globals.clear()
    return made


def own_texts(folder: Path) -> Texts:
    """The texts in a folder by file name. BadInput, with the file and what is wrong, for the first that cannot be used;
    a hidden file, or a README.md, is no text."""
    if not folder.is_dir():
        raise BadInput("there is no such folder; `sendoff letters write` makes one", where=f"letters.folder {folder}")
    known, found = shipped(), dict[str, str]()
    for file in sorted(folder.iterdir()):
        if file.name.startswith(".") or file.name == "README.md":
            continue
        found[file.name] = _checked(file, known)
    return found


def _checked(file: Path, known: Texts) -> str:
    if not NAME.fullmatch(file.name) or file.name not in known:
        names = ", ".join(sorted({name.split(".")[0] for name in known}))
        raise BadInput(f"it is called like no letter: <name>.nl.txt or <name>.en.txt, one of {names}", where=str(file))
    text = _read(file)
    wrong = _wrong(text, file.name, known)
    if wrong:
        raise BadInput(wrong, where=str(file))
    return text


def _read(file: Path) -> str:
    try:
        data = file.read_bytes()
        if len(data) > LARGEST:
            raise BadInput(f"it has {len(data):,} bytes; a letter has at most {LARGEST:,}", where=str(file))
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as wrong:
        raise BadInput(f"it is not UTF-8 (byte {wrong.start + 1})", where=str(file)) from wrong
    except OSError as wrong:
        raise BadInput(f"it cannot be read: {wrong.strerror or wrong}", where=str(file)) from wrong


def _wrong(text: str, name: str, known: Texts) -> str:
    """What is wrong with a text, or nothing."""
    begin = SUBJECTS[name.split(".")[1]]
    head, _, body = text.partition("\n\n")
    if not head.startswith(begin) or "\n" in head or not head.removeprefix(begin).strip():
        return f"line 1 must be '{begin}' with the subject after it, and line 2 empty"
    if not body.strip():
        return "it has a subject and no text"
    if "case" not in named(head):
        return "the subject must name {{ case }}: answers are found by it"
    both = [named(known[f"{name.split('.')[0]}.{language}.txt"]) for language in LANGUAGES]
    try:
        uses = named(text)
        letter_environment({name: text}).get_template(name)
    except TemplateError as broken:
        return f"line {getattr(broken, 'lineno', '?')}: {broken}"
    strange = sorted(uses - both[0] - both[1])
    if strange:
        return f"it names {', '.join(strange)}, which this letter does not have; it has {', '.join(sorted(both[0]))}"
    missing = sorted((TOLD & both[0] & both[1]) - uses)
    return f"it must also name {', '.join(missing)}: people act on it" if missing else ""


def named(text: str) -> frozenset[str]:
    """The values that a text names. Raises TemplateSyntaxError."""
    environment = letter_environment()
    tree = environment.parse(text)
    if any(True for _ in meta.find_referenced_templates(tree)):
        return frozenset({"another file (include, import, extends)"})
    return frozenset(meta.find_undeclared_variables(tree))
