"""Letters in the pages: read, changed by name, and sent by somebody who did not write in them."""

from pathlib import Path

import pytest

from fakes.browsers import Site
from fakes.houses import Stage, stage
from fakes.leavings import everything, staffed
from sendoff.model.case import Standing
from sendoff.model.digest import Digest
from sendoff.model.errors import BadInput, Refused
from sendoff.model.people import Person
from sendoff.model.state import State, StepId
from sendoff.rules.rewording import in_the_way, lost
from sendoff.sandbox.wire import text

CASE, STEP = "L00000001", StepId("confirm-termination")
WHERE = f"/cases/{CASE}/letters"
MORE = "\n\nVeel dank voor de jaren waarin wij voor u mochten werken.\n"


@pytest.fixture
def made(tmp_path: Path) -> Stage:
    """Carla has laid the first letter ready; Anja and Bert hold every role."""
    made = staffed(stage(tmp_path), everything("anja"), everything("bert"))
    made.opened()
    made.desk.plan(made.who("carla"), CASE, STEP)
    return made


def standing(made: Stage) -> Standing:
    return made.desk.case(CASE).steps[STEP]


def body(made: Stage) -> str:
    return made.desk.letters(CASE)[0].body


def reworded(made: Stage, login: str, words: str, subject: str = "") -> int:
    """One person sends the form with these words; what the page answers."""
    browser, letter = Site(made).as_(login), made.desk.letters(CASE)[0]
    browser.get(WHERE)
    form = {"letter": letter.letter, "subject": subject or letter.subject, "body": words}
    return browser.post(f"/cases/{CASE}/steps/{STEP}/reword", form).status_code


def sent(made: Stage) -> list[str]:
    """The texts that lie in mailboxes outside and came from ours."""
    ours = made.facts().provider.mailbox
    return [
        text(thing.raw, "body", "content")
        for thing in made.sandbox.world.all("graph", "message")
        if ours in str(thing.raw.get("from")) and ours not in thing.place
    ]


def test_what_a_person_wrote_is_what_is_sent_and_stays_with_their_name(made: Stage) -> None:
    was, old = body(made), standing(made).plan
    # A browser ends each line as mails do.
    assert reworded(made, "anja", (was.rstrip() + MORE).replace("\n", "\r\n")) == 200
    after = standing(made)
    assert (after.state, after.proposer, after.laid_by) == (State.PLANNED, id_of(made, "anja"), id_of(made, "carla"))
    assert after.plan != old
    assert body(made) == was.rstrip() + MORE

    bert = Site(made).as_("bert")
    page = bert.get(WHERE).text
    assert f"Changed by <bdi>{made.who('anja').name}</bdi>" in page
    assert '<p class="more"><span>+</span> <bdi>Veel dank voor de jaren' in page
    assert 'name="digest" value="' + str(after.plan) in page
    bert.post(f"/cases/{CASE}/steps/{STEP}/approve", digest=str(after.plan))
    made.desk.run(made.who("erik"), CASE, made.said.append, threads=1)

    assert standing(made).state is State.DONE
    assert any("Veel dank voor de jaren" in one for one in sent(made))
    kept = standing(made).reworded[0]
    assert made.desk.ports.store.get(CASE, kept.was).decode() == was
    assert (kept.by, made.desk.ports.store.get(CASE, kept.now).decode()) == (id_of(made, "anja"), body(made))
    assert "the words of L00000001/confirmation changed" in bert.get(f"/cases/{CASE}/journal").text


def id_of(made: Stage, login: str) -> object:
    return made.who(login).id


@pytest.mark.parametrize(("login", "why"), [("carla", "proposed this plan"), ("anja", "changed the words")])
def test_nobody_who_made_the_plan_what_it_is_says_yes_to_it(made: Stage, login: str, why: str) -> None:
    assert reworded(made, "anja", body(made).rstrip() + MORE) == 200
    assert reworded(made, "bert", body(made).rstrip() + "\nNogmaals dank.\n") == 200
    plan = standing(made).plan
    assert plan is not None
    browser = Site(made).as_(login)
    assert why in browser.get(WHERE).text
    assert "Waits for your yes" not in browser.get("/").text
    assert browser.post(f"/cases/{CASE}/steps/{STEP}/approve", digest=str(plan)).status_code == 409
    with pytest.raises(Refused, match="a second person approves it"):
        made.desk.approve(person(made, login), CASE, STEP, plan)
    assert standing(made).approval is None
    made.desk.approve(made.who("paul"), CASE, STEP, plan)
    assert standing(made).state is State.APPROVED


def person(made: Stage, login: str) -> Person:
    return made.who(login)


def test_a_yes_to_the_words_of_before_is_no_yes(made: Stage) -> None:
    old = standing(made).plan
    reworded(made, "anja", body(made).rstrip() + MORE)
    paul = Site(made).as_("paul")
    assert paul.post(f"/cases/{CASE}/steps/{STEP}/approve", digest=str(old)).status_code == 409
    assert standing(made).approval is None


@pytest.mark.parametrize("left_out", ["contract_end", "mailbox", "case"])
def test_what_people_act_on_stays_in_the_letter(made: Stage, left_out: str) -> None:
    facts, before = made.desk.case(CASE).facts, standing(made)
    told = {"contract_end": str(facts.contract_end.year), "mailbox": facts.provider.mailbox, "case": CASE}
    assert told[left_out] in body(made)
    assert reworded(made, "anja", body(made).replace(told[left_out], "binnenkort")) == 422
    assert standing(made) == before


@pytest.mark.parametrize(
    ("subject", "words", "why"),
    [
        ("Dag", "tekst 31", "must name L1"),
        ("", "tekst 31", "subject"),
        ("L1\r\nBcc: x@y.example", "tekst 31", "one line"),
        ("L1 opzegging", " \n", "has a text"),
        ("L1 opzegging", "tekst 31\u202egnp", "nobody can see"),
        ("L1 opzegging", "tekst", "must still say 31"),
        ("L1 opzegging", "31 " + "x" * 65_536, "64 KiB"),
    ],
)
def test_words_that_cannot_go_out_are_refused_with_the_reason(subject: str, words: str, why: str) -> None:
    assert why in " ".join(in_the_way("tot en met 31", subject, words, case="L1"))


def test_rows_that_name_a_thing_stay_and_prose_may_change() -> None:
    was = "Beste lezer,\n\n- Defender: het laatste plan\n- wij verwijderen niets\n\nsupport@msp.example, 3 mei 2027\n"
    assert lost(was, was.replace("- wij verwijderen niets\n", "- er blijft niets\n")) == ()
    assert lost(was, was.replace("- Defender: het laatste plan\n", "")) == ("- Defender: het laatste plan",)
    assert lost(was, "Beste") == ("support@msp.example", "3", "2027", "- Defender: het laatste plan")


def test_a_letter_is_changed_in_a_plan_that_lies_ready_and_in_no_other(made: Stage) -> None:
    letter, plan = made.desk.letters(CASE)[0], standing(made).plan
    assert plan is not None
    with pytest.raises(BadInput, match="not one word"):
        made.desk.reword(made.who("anja"), CASE, STEP, letter.letter, subject=letter.subject, body=letter.body)
    with pytest.raises(Refused, match="no such letter"):
        made.desk.reword(made.who("anja"), CASE, STEP, "another", subject=letter.subject, body=letter.body)
    with pytest.raises(Refused, match="this takes"):
        made.desk.reword(made.who("erik"), CASE, STEP, letter.letter, subject=letter.subject, body=letter.body + MORE)
    made.desk.approve(made.who("paul"), CASE, STEP, plan)
    with pytest.raises(Refused, match="no plan lies ready"):
        made.desk.reword(made.who("anja"), CASE, STEP, letter.letter, subject=letter.subject, body=letter.body + MORE)


def test_an_invitation_says_the_same_in_its_calendar_file(made: Stage) -> None:
    made.desk.approve(made.who("paul"), CASE, STEP, plan_of(made, STEP))
    made.desk.run(made.who("erik"), CASE, made.said.append, threads=1)
    meet = StepId("meet")
    made.desk.plan(made.who("carla"), CASE, meet)
    letter = next(one for one in made.desk.letters(CASE) if one.step == meet)
    words = letter.body.rstrip() + "\n\nDe koffie staat klaar.\n"
    made.desk.reword(made.who("anja"), CASE, meet, letter.letter, subject=letter.subject, body=words)
    plan = made.desk.plan_of(CASE, meet)
    assert plan is not None
    invite = next(value for name, value in plan.actions[0].content if name == "invite")
    store = made.desk.ports.store
    assert "koffie" in store.get(CASE, Digest(invite)).decode().replace("\r\n ", "")


def plan_of(made: Stage, step: StepId) -> Digest:
    found = made.desk.case(CASE).steps[step].plan
    assert found is not None
    return found
