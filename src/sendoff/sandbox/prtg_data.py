"""PRTG's historic measurements: made-up but steady values for every sensor."""

from datetime import datetime, timedelta

from sendoff.sandbox.prtg_table import VERSION, failed
from sendoff.sandbox.prtg_tree import ole
from sendoff.sandbox.wire import Json, Request, Response, answer, plain, whole
from sendoff.sandbox.world import World

MOST = 500
WINDOWS = {"live": 4 / 24, "short": 2.0, "medium": 60.0, "long": 365.0}
"""The windows of API v2, in days."""


def historic(world: World, request: Request, output: str) -> Response:
    """GET /api/historicdata.csv|json|xml?id=&avg=&sdate=&edate=. Errors: 400 XML on a bad date or no sensor."""
    if world.get("prtg", "sensor", request.ask("id")) is None:
        return failed("The selected object cannot be used here.")
    try:
        start, end = (
            datetime.strptime(request.ask(one), "%Y-%m-%d-%H-%M-%S").replace(tzinfo=world.now.tzinfo)
            for one in ("sdate", "edate")
        )
    except ValueError:
        return failed("Invalid date.")
    step = timedelta(seconds=max(whole(request.ask("avg")), 60))
    points: list[tuple[datetime, int]] = []
    while start < end and len(points) < MOST:
        points.append((start, (whole(request.ask("id")) * 7 + len(points) * 13) % 100))
        start += step
    return {"csv": _csv, "json": _json, "xml": _xml}[output](points)


def historic_rows(world: World, sensor: str, window: str) -> list[Json] | None:
    """GET /api/v2/experimental/timeseries/{sensor}/{window}: a head and rows; None for an unknown window."""
    days = WINDOWS.get(window)
    if days is None:
        return None
    head: list[Json] = ["time", f"{sensor}.0"]
    rows: list[Json] = [head]
    for number in range(48):
        at = world.now - timedelta(days=days * (48 - number) / 48)
        value: Json = None if number % 17 == 5 else (whole(sensor) * 7 + number * 13) % 100
        rows.append([f"{at:%Y-%m-%dT%H:%M:%SZ}", value])
    return rows


def _csv(points: list[tuple[datetime, int]]) -> Response:
    head = '"Date Time","Date Time(RAW)","Value","Value(RAW)","Coverage","Coverage(RAW)"\r\n'
    lines = [
        f'"{at:%d-%m-%Y %H:%M:%S}",{ole(at):.10f},"{value} %",{value}.0000,"100 %",0000010000\r\n'
        for at, value in points
    ]
    return plain(200, head + "".join(lines), "text/csv; charset=UTF-8")


def _json(points: list[tuple[datetime, int]]) -> Response:
    rows: list[Json] = [
        {
            "datetime": f"{at:%d-%m-%Y %H:%M:%S}",
            "datetime_raw": ole(at),
            "Value": value,
            "coverage": "100 %",
            "coverage_raw": "0000010000",
        }
        for at, value in points
    ]
    return answer(200, {"prtg-version": VERSION, "treesize": len(rows), "histdata": rows})


def _xml(points: list[tuple[datetime, int]]) -> Response:
    items = "".join(
        f"<item><datetime>{at:%d-%m-%Y %H:%M:%S}</datetime><datetime_raw>{ole(at):.10f}</datetime_raw>"
        f'<value channel="Value" channelid="0">{value} %</value><value_raw channel="Value" channelid="0">{value}.0000'
        "</value_raw><coverage>100 %</coverage><coverage_raw>0000010000</coverage_raw></item>"
        for at, value in points
    )
    return plain(
        200,
        f'<?xml version="1.0" encoding="UTF-8" ?><histdata totalcount="{len(points)}" listend="1">'
        f"<prtg-version>{VERSION}</prtg-version>{items}</histdata>",
        "text/xml; charset=UTF-8",
    )
