"""The questions of `create` at a terminal: mentor, title and the person's details.

The rules are the domain's. Each answer is checked when given, and the texts that others will see
once more when the payload is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from assigncli.cli.input.conversation import Misfit, Prompt, converse
from assigncli.cli.input.prompts import require_person
from assigncli.cli.output import said
from assigncli.domain.payload import FIELDS, Payload, accepted
from assigncli.errors import AssignError, InvalidInput
from assigncli.locale import N_, _
from assigncli.words.terms import LABELS

if TYPE_CHECKING:
    from assigncli.cli.session.in_process import Session
    from assigncli.client.create import Draft
    from assigncli.client.recipient import Recipient

Result = TypeVar("Result")

TEXTS: Final = {
    "title": (N_("Title, without personal data"), N_("Title")),
    "subject_reference": (N_("Reference, or a hyphen for none"), N_("Reference")),
    "coordinator_notes": (N_("Note to the mentor, or a hyphen for none"), N_("Note to the mentor")),
    "internal_notes": (
        N_("Note for coordinators, or a hyphen for none"),
        N_("Note for coordinators"),
    ),
}
"""Each text of a draft: the question, and the answer's name in the review."""
_DETAILS: Final = {
    "full_name": N_("Full name of the person"),
    "address": N_("Street address"),
    "postal_code": LABELS["postal_code"],
    "city": LABELS["city"],
    "phone": LABELS["phone"],
    "medical_summary": LABELS["medical_summary"],
    "practical_notes": N_("Practical notes, or a hyphen for none"),
}
"""The questions; in the review, an answer has its label as name."""
_ANSWER_REFUSED: Final = {
    "payload_field_invalid": N_("{label} is not valid."),
    "payload_field_missing": N_("An answer is needed."),
    "payload_has_national_id": N_("This answer holds a national identity number."),
}
"""These errors name the answer as the question does, not as the field is called in a file."""
_NAMES_THE_PERSON: Final = ("full_name", "address", "phone")
_FEW: Final = 9


def require_askable(recipient: str | None, title: str | None, payload: str | None) -> None:
    """Refuse a missing value if nobody can be asked for it; raise InvalidInput `input_needed`."""
    for given, label, option in (
        (recipient, N_("Handle of the mentor"), "--to"),
        (title, TEXTS["title"][0], "--title"),
        (payload, _DETAILS["full_name"], "--payload"),
    ):
        if given is None:
            require_person(_(label), option)


def complete(
    session: Session,
    mentors: Sequence[str],
    draft: Draft,
    payload: Payload | None,
    save: Callable[[Draft, Payload], Result],
    saving: str,
) -> Result:
    """Ask for missing values, return the result of `save`; raises as `conversation.converse`.

    An empty recipient or title counts as missing. If nothing is missing, nothing is asked.
    """
    if draft.recipient and draft.title and payload is not None:
        return save(draft, payload)
    questions = [_mentor(session, mentors), *_texts(session, draft, payload)]
    if payload is None:
        questions += map(_detail, FIELDS)
    given = {name: getattr(draft, name) for name in ("recipient", *TEXTS)}
    return converse(
        questions,
        {name: text for name, text in given.items() if text},
        partial(_misfit, session, payload),
        lambda answers: save(*_whole(draft, payload, answers)),
        saving,
    )


def _whole(
    draft: Draft, payload: Payload | None, answers: Mapping[str, str]
) -> tuple[Draft, Payload]:
    said = replace(
        draft,
        recipient=answers["recipient"],
        title=answers["title"],
        subject_reference=answers.get("subject_reference"),
        coordinator_notes=answers.get("coordinator_notes"),
        internal_notes=answers.get("internal_notes"),
    )
    return said, payload or Payload.from_fields({name: answers[name] for name in FIELDS})


def _misfit(session: Session, payload: Payload | None, answers: Mapping[str, str]) -> Misfit | None:
    """Return the first text that repeats the payload, once name and address are known."""
    from assigncli.client.drafting import require_text

    if payload is None:
        if not all(name in answers for name in _NAMES_THE_PERSON):
            return None
        payload = Payload(**{name: answers.get(name, "") for name in FIELDS})
    for name in TEXTS:
        try:
            if name in answers:
                require_text(session.client, name, answers[name], payload)
        except AssignError as refusal:
            return name, refusal
    return None


def _mentor(session: Session, mentors: Sequence[str]) -> Prompt:
    """Return the question for a mentor: by number if there are few, else by handle."""
    from assigncli.client import choosing

    few = choosing.choices(session.client, mentors, _FEW) or []
    handles = [each.handle for each in few]
    if any(handle.isdecimal() for handle in handles):
        few, handles = [], []  # a number would be ambiguous
    numbers = {str(number): handle for number, handle in enumerate(handles, start=1)}
    names: dict[str, str] = {}

    def check(answer: str) -> str:
        found = choosing.fit_recipient(session.client, numbers.get(answer.strip(), answer))
        names[found.handle] = found.display_name
        return found.handle

    counts = Counter(each.display_name for each in few)
    listed = (
        _choice(number, each, alone=counts[each.display_name] == 1)
        for number, each in enumerate(few, start=1)
    )
    return Prompt(
        "recipient",
        _("Number or handle of the mentor") if few else _("Handle of the mentor"),
        _("Mentor"),
        check,
        before=tuple(listed),
        shown=lambda handle: names.get(handle, handle),
    )


def _choice(number: int, found: Recipient, *, alone: bool) -> str:
    """Return a mentor as a numbered choice, with the handle if another has the same name."""
    if alone:
        return f"{number}: {found.display_name}"
    return _("{number}: {name}, handle {handle}").format(
        number=number, name=found.display_name, handle=found.handle
    )


def _texts(session: Session, draft: Draft, payload: Payload | None) -> list[Prompt]:
    """Return questions for the title, and for other texts given, which may have to be changed."""
    from assigncli.client.drafting import require_text

    def check(name: str, text: str) -> str:
        require_text(session.client, name, text, payload)
        return text

    return [
        Prompt(name, _(label), _(noun), partial(check, name), optional=name != "title")
        for name, (label, noun) in TEXTS.items()
        if name == "title" or getattr(draft, name)
    ]


def _detail(name: str) -> Prompt:
    def check(answer: str) -> str:
        try:
            return accepted(name, answer)
        except InvalidInput as refusal:
            other = _ANSWER_REFUSED.get(refusal.code)
            if other is None:
                raise
            message = _(other).format(label=_(LABELS[name]))
            hint = said(refusal)[1]
            raise InvalidInput(refusal.code, "told", message=message, hint=hint) from None

    return Prompt(
        name,
        _(_DETAILS[name]),
        _(LABELS[name]),
        check,
        optional=name == "practical_notes",
        several_lines=name == "medical_summary",
    )
