"""The portal's invoices: one on the first of every month for the month before, and a last one up to a day."""

from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sendoff.sandbox.wire import Json, Obj, text
from sendoff.sandbox.world import Thing, World

CURRENCY = "EUR"


def invoiced(world: World, customer: Thing) -> None:
    """Make the invoices of all months that ended since somebody last looked. They belong to the books of the MSP."""
    today = world.now.astimezone(ZoneInfo("Europe/Amsterdam")).date()
    _sent(world, customer, today)
    start = _next(world, customer)
    while (end := _last_of(start)) < today:
        lines = _lines(world, customer, start, end)
        if lines:
            _made(world, customer, start, end, lines)
        start = end + timedelta(days=1)


def _sent(world: World, customer: Thing, today: date) -> None:
    """A frozen draft is sent as it is, as soon as the days it covers are over; it stays what it was."""
    billed = {text(one.raw, "draft") for one in world.all("reassure", "invoice")}
    for one in world.all("reassure", "draft"):
        mine = text(one.raw, "customer_id") == customer.id and one.raw.get("frozen") is True
        if mine and one.id not in billed and date.fromisoformat(text(one.raw, "until")) < today:
            whole = {name: value for name, value in one.raw.items() if name not in ("frozen", "frozen_at")}
            number = f"F-{customer.id}"
            sent: Obj = {**whole, "id": f"inv-{one.id}", "draft": one.id, "number": number, "status": "sent"}
            world.add(Thing("reassure", "invoice", f"inv-{one.id}", "msp", {**sent, "date": today.isoformat()}))


def _made(world: World, customer: Thing, start: date, end: date, lines: list[Json]) -> Thing:
    """One invoice, sent on the day after the period; id and number follow the month."""
    ident = f"inv-{customer.id}-{start:%Y%m%d}"
    raw = _sheet(customer, ident, start, end, lines)
    raw |= {"number": f"{start:%Y%m}-{customer.id}", "status": "sent", "date": (end + timedelta(days=1)).isoformat()}
    return world.add(Thing("reassure", "invoice", ident, "msp", raw))


def drafted(world: World, customer: Thing, until: date) -> Thing | None:
    """A draft of the last invoice from where the invoices end until a day; None when there is nothing left to bill."""
    start = _next(world, customer)
    if until < start:
        return None
    ident = f"draft-{len(world.all('reassure', 'draft')) + 1}"
    raw = _sheet(customer, ident, start, until, _lines(world, customer, start, until))
    return world.add(Thing("reassure", "draft", ident, customer.owner, {**raw, "frozen": False, "frozen_at": None}))


def freeze(world: World, draft: Thing) -> None:
    """Freeze a draft: nothing on it moves any more, and the days it covers are not billed again."""
    world.change(draft, {"frozen": True, "frozen_at": world.at()})


def _sheet(customer: Thing, ident: str, start: date, end: date, lines: list[Json]) -> Obj:
    total = sum((Decimal(text(one, "amount")) for one in lines), Decimal())
    return {
        "id": ident,
        "customer_id": customer.id,
        "from": start.isoformat(),
        "until": end.isoformat(),
        "currency": CURRENCY,
        "total": f"{total:.2f}",
        "lines": lines,
    }


def _next(world: World, customer: Thing) -> date:
    """The first day that is neither on an invoice nor on a frozen draft."""
    days = [
        text(one.raw, "until")
        for kind in ("invoice", "draft")
        for one in world.all("reassure", kind)
        if text(one.raw, "customer_id") == customer.id and one.raw.get("frozen") is not False
    ]
    last = max(days, default="")
    return date.fromisoformat(last) + timedelta(days=1) if last else date.fromisoformat(text(customer.raw, "since"))


def _last_of(day: date) -> date:
    first = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return first - timedelta(days=1)


def _lines(world: World, customer: Thing, start: date, end: date) -> list[Json]:
    found = []
    for one in world.all("reassure", "article"):
        begins, stops = text(one.raw, "start_date"), text(one.raw, "end_date") or end.isoformat()
        first, last = max(begins, start.isoformat()), min(stops, end.isoformat())
        if text(one.raw, "customer_id") == customer.id and first <= last:
            found.append(_line(one.raw, date.fromisoformat(first), date.fromisoformat(last)))
    return found


def _line(article: Obj, first: date, last: date) -> Json:
    """Fixed articles cost by the day of a month; consumption is measured, here the price in steady amounts."""
    days, month = (last - first).days + 1, _last_of(first).day
    amount = Decimal(text(article, "price")) * days / month
    return {
        "article_id": text(article, "id"),
        "name": text(article, "name"),
        "charge": text(article, "charge"),
        "from": first.isoformat(),
        "until": last.isoformat(),
        "amount": f"{amount:.2f}",
    }
