"""Real cities with their postal areas, telephone area codes, time zones and streets."""

from __future__ import annotations

from typing import NamedTuple


class City(NamedTuple):
    name: str
    postal_area: str
    area_code: str
    timezone: str


# How many users live where. The thirteen together, most populous first.
USERS_BY_PROVINCE = {
    "ON": 62, "QC": 44, "BC": 28, "AB": 22, "MB": 10, "SK": 10, "NS": 10, "NB": 8, "NL": 8,
    "PE": 4, "YT": 3, "NT": 3, "NU": 3,
}  # fmt: skip

CITIES: dict[str, list[City]] = {
    "ON": [
        City("Toronto", "M5V", "416", "America/Toronto"),
        City("Ottawa", "K1P", "613", "America/Toronto"),
        City("Hamilton", "L8P", "905", "America/Toronto"),
        City("Kitchener", "N2G", "519", "America/Toronto"),
        City("Sudbury", "P3E", "705", "America/Toronto"),
        City("Kenora", "P9N", "807", "America/Winnipeg"),
    ],
    "QC": [
        City("Montréal", "H2Y", "514", "America/Toronto"),
        City("Québec", "G1R", "418", "America/Toronto"),
        City("Gatineau", "J8X", "819", "America/Toronto"),
        City("Trois-Rivières", "G9A", "819", "America/Toronto"),
        City("Lévis", "G6V", "418", "America/Toronto"),
    ],
    "BC": [
        City("Vancouver", "V6B", "604", "America/Vancouver"),
        City("Victoria", "V8W", "250", "America/Vancouver"),
        City("Kelowna", "V1Y", "250", "America/Vancouver"),
        City("Prince George", "V2L", "250", "America/Vancouver"),
    ],
    "AB": [
        City("Calgary", "T2P", "403", "America/Edmonton"),
        City("Edmonton", "T5J", "780", "America/Edmonton"),
        City("Lethbridge", "T1J", "403", "America/Edmonton"),
    ],
    "MB": [
        City("Winnipeg", "R3C", "204", "America/Winnipeg"),
        City("Brandon", "R7A", "204", "America/Winnipeg"),
    ],
    "SK": [
        City("Saskatoon", "S7K", "306", "America/Regina"),
        City("Regina", "S4P", "306", "America/Regina"),
    ],
    "NS": [
        City("Halifax", "B3J", "902", "America/Halifax"),
        City("Sydney", "B1P", "902", "America/Halifax"),
    ],
    "NB": [
        City("Moncton", "E1C", "506", "America/Moncton"),
        City("Fredericton", "E3B", "506", "America/Moncton"),
    ],
    "NL": [
        City("St. John's", "A1C", "709", "America/St_Johns"),
        City("Corner Brook", "A2H", "709", "America/St_Johns"),
    ],
    "PE": [City("Charlottetown", "C1A", "902", "America/Halifax")],
    "YT": [City("Whitehorse", "Y1A", "867", "America/Whitehorse")],
    "NT": [City("Yellowknife", "X1A", "867", "America/Edmonton")],
    "NU": [
        City("Iqaluit", "X0A", "867", "America/Iqaluit"),
        City("Rankin Inlet", "X0C", "867", "America/Rankin_Inlet"),
    ],
}

ENGLISH_STREETS = [
    "King Street West", "Queen Street", "Main Street", "Wellington Street", "Water Street",
    "Victoria Avenue", "Portage Avenue", "Barrington Street", "Jasper Avenue", "Granville Street",
    "Elgin Street", "Duckworth Street", "Franklin Avenue", "Front Street", "Dundas Street East",
]  # fmt: skip
FRENCH_STREETS = [
    "rue Saint-Paul Ouest", "boulevard René-Lévesque", "rue Sainte-Catherine Est",
    "avenue du Mont-Royal", "chemin Sainte-Foy", "rue de l'Église", "boulevard Gréber",
    "rue des Forges", "Grande Allée Est", "côte du Passage",
]  # fmt: skip
UNITS = ["Suite 200", "Unit 4", "Suite 1105", "2nd floor", "Apt 12B"]
FRENCH_UNITS = ["bureau 200", "app. 4", "2e étage", "bureau 1105"]

# Letters Canada Post uses after the first: D, F, I, O, Q and U look too much like others.
POSTAL_LETTERS = "ABCEGHJKLMNPRSTVWXYZ"
