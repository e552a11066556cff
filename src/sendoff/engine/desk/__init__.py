"""The desk: everything that people may do, through one door. CLI, web, API and worker all come through here.

Every door names a person, checks what that person may do in this case, and appends what they decided. Deny beats any
grant: a person excluded from a case decides nothing in it. A refusal changes nothing.
"""

from sendoff.engine.checklist import read_checklist
from sendoff.engine.desk.deciding import Deciding
from sendoff.engine.desk.opening import Opening
from sendoff.engine.desk.reading import Reading
from sendoff.engine.desk.showing import Showing
from sendoff.engine.desk.tailing import Tailing
from sendoff.engine.desk.withdrawing import Withdrawing
from sendoff.engine.desk.working import Working
from sendoff.engine.showing import Fate, Mail


class Desk(Reading, Showing, Opening, Working, Deciding, Tailing, Withdrawing):
    """All doors."""


__all__ = ["Desk", "Fate", "Mail", "read_checklist"]
