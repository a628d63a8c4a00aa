"""Names of people and firms, as varied as the country."""

from __future__ import annotations

ENGLISH_GIVEN = [
    "Emma", "Liam", "Olivia", "Noah", "Charlotte", "Jack", "Amelia", "Owen", "Harpreet", "Arjun",
    "Priya", "Wei", "Mei-Ling", "Fatima", "Yusuf", "Amara", "Kwame", "Sofia", "Mateo", "Anika",
    "Declan", "Fiona", "Ewan", "Aputi", "Nukilik", "Kaya", "Tanis", "Dmytro", "Oksana", "Hiroshi",
]  # fmt: skip
ENGLISH_FAMILY = [
    "Smith", "MacDonald", "Campbell", "Wilson", "Singh", "Patel", "Chen", "Wong", "Nguyen", "Khan",
    "Okafor", "Kowalchuk", "Friesen", "Penner", "O'Brien", "MacLeod", "Power", "Fitzgerald",
    "Sangha", "Tanaka", "Cardinal", "Bear", "Evic", "Kilabuk", "Beaulieu", "Murphy", "Doyle",
    "Reimer", "Hall", "Stewart",
]  # fmt: skip
FRENCH_GIVEN = [
    "Émilie", "Félix", "Geneviève", "Étienne", "Chloé", "Frédéric", "Hélène", "Jérôme", "Léa",
    "Mathéo", "Noémie", "Rémi", "Zoé", "Anaïs", "Benoît", "Maëlle", "Loïc", "Françoise",
]  # fmt: skip
FRENCH_FAMILY = [
    "Tremblay", "Gagné", "Côté", "Bélanger", "Lévesque", "Gagnon", "Pelletier", "Bouchard",
    "Thériault", "Désilets", "Beauséjour", "Cormier", "LeBlanc", "Arsenault", "Maltais",
    "Fréchette",
]  # fmt: skip

ENGLISH_FIRMS = [
    "Harbour Light Studio", "Prairie Data Works", "Northern Pixel", "Maple & Birch Design",
    "Tidewater Analytics", "Great Slave Geomatics", "Signal Hill Software", "Red River Robotics",
    "Foothills Digital", "Salish Sea Systems", "Confederation Media", "Kluane Outfitters",
    "Baffin Research", "Fundy Fintech", "Granite Peak Consulting", "Lakehead Logistics",
]  # fmt: skip
FRENCH_FIRMS = [
    "Atelier du Fleuve", "Boréal Numérique", "Les Logiciels Érable", "Studio Côte-Nord",
    "Coopérative Méridien", "Laboratoire Hélios", "Productions Cap-Éternité", "Données Saguenay",
]  # fmt: skip
FIRM_FORMS = ["Inc.", "Ltd.", "Corp.", "Co-op"]
FRENCH_FIRM_FORMS = ["inc.", "ltée", "S.E.N.C."]

DEPLOYMENT_NAMES = [
    "web", "api", "shop", "blog", "staging", "worker", "docs", "admin", "media", "search",
]  # fmt: skip
REGIONS = ["yul1", "yyz1", "yvr1", "yyc1"]
SIZES = ["nano", "small", "medium", "large"]
