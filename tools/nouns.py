"""What a class in our sources says of itself: its docstring, and each field with type, default and words."""

import ast
import inspect
import textwrap
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field as it stands in the source."""

    name: str
    type: str
    default: str
    """As written; empty when the field must be given."""
    words: str
    """The docstring under the field, on one line; empty when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noun:
    """One class as it stands in the source."""

    name: str
    words: str
    fields: tuple[Field, ...]


def noun(kind: type[object]) -> Noun:
    """The class as its source tells it; ValueError when the source holds no class."""
    node = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    if not isinstance(node, ast.ClassDef):
        raise ValueError(f"{kind.__name__} is not a class in its own source")
    return Noun(name=node.name, words=one_line(ast.get_docstring(node) or ""), fields=tuple(_fields(node)))


def one_line(text: str) -> str:
    """A text with every run of blanks as one."""
    return " ".join(text.split())


def _fields(node: ast.ClassDef) -> list[Field]:
    found = []
    for place, one in enumerate(node.body):
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
            following = node.body[place + 1] if place + 1 < len(node.body) else None
            found.append(
                Field(
                    name=one.target.id,
                    type=ast.unparse(one.annotation).strip("'\""),
                    default=ast.unparse(one.value) if one.value else "",
                    words=_said(following),
                )
            )
    return found


def _said(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return one_line(node.value.value)
    return ""


def members(kind: type[object]) -> dict[str, str]:
    """The words under each member of an enumeration, by the member's name; empty where there are none."""
    node = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    body = node.body if isinstance(node, ast.ClassDef) else []
    return {
        one.targets[0].id: _said(body[place + 1] if place + 1 < len(body) else None)
        for place, one in enumerate(body)
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)
    }
