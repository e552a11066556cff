"""The plain answer of a certificate's page, and its headings, in Dutch and in English. The signed text is English."""

from collections.abc import Mapping

ANSWERS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "clean": "Clean: nothing of ours is left at {customer}; every place we meant to look at was read.",
        "closed with exceptions": "Closed with exceptions: the leaving of {customer} is over, and what is listed below "
        "was not clean, not read, or stays on purpose.",
        "limited": "Limited: the leaving of {customer} is over, and we cannot say that nothing of ours is left.",
        "withdrawn": "Withdrawn: {customer} stays; what was done was put back, but for what is listed below.",
    },
    "nl": {
        "clean": "Schoon: bij {customer} is niets van ons achtergebleven; elke plek die wij wilden zien is gelezen.",
        "closed with exceptions": "Gesloten met uitzonderingen: het vertrek van {customer} is afgerond; wat hieronder "
        "staat was niet schoon, niet te lezen, of blijft met opzet.",
        "limited": "Beperkt: het vertrek van {customer} is afgerond, en wij kunnen niet zeggen dat er niets van ons is "
        "achtergebleven.",
        "withdrawn": "Ingetrokken: {customer} blijft; wat gedaan was is teruggezet, behalve wat hieronder staat.",
    },
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "exceptions": "Exceptions",
        "no_exceptions": "None. Every required place was read, and nothing of ours was left.",
        "read": "What the last look read",
        "doors": "Our ways in, tried at the end",
        "lines": "Every line",
        "removed": "What was seen gone",
        "kept": "Ours, and it stays on purpose",
        "handed": "What was handed over",
        "verify": "Verify it",
    },
    "nl": {
        "exceptions": "Uitzonderingen",
        "no_exceptions": "Geen. Elke plek die gelezen moest worden is gelezen, en niets van ons was er nog.",
        "read": "Wat de laatste blik gelezen heeft",
        "doors": "Onze toegangen, aan het einde geprobeerd",
        "lines": "Elke regel",
        "removed": "Wat aantoonbaar weg is",
        "kept": "Van ons, en het blijft met opzet",
        "handed": "Wat overgedragen is",
        "verify": "Controleer het",
    },
}
