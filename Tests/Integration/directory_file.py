"""Extractions of the Annuaire Santé as the published ones are made."""

COLUMNS = (
    "Type d'identifiant PP|Identifiant PP|Identification nationale PP|Code civilité d'exercice|Libellé civilité d'exercice|Code civilité|"
    "Libellé civilité|Nom d'exercice|Prénom d'exercice|Code profession|Libellé profession|Code catégorie professionnelle|"
    "Libellé catégorie professionnelle|Code type savoir-faire|Libellé type savoir-faire|Code savoir-faire|Libellé savoir-faire|"
    "Code mode exercice|Libellé mode exercice|Numéro SIRET site|Numéro SIREN site|Numéro FINESS site|"
    "Numéro FINESS établissement juridique|Identifiant technique de la structure|Raison sociale site|Enseigne commerciale site|"
    "Complément destinataire (coord. structure)|Complément point géographique (coord. structure)|Numéro Voie (coord. structure)|"
    "Indice répétition voie (coord. structure)|Code type de voie (coord. structure)|Libellé type de voie (coord. structure)|"
    "Libellé Voie (coord. structure)|Mention distribution (coord. structure)|Bureau cedex (coord. structure)|"
    "Code postal (coord. structure)|Code commune (coord. structure)|Libellé commune (coord. structure)|Code pays (coord. structure)|"
    "Libellé pays (coord. structure)|Téléphone (coord. structure)|Téléphone 2 (coord. structure)|Télécopie (coord. structure)|"
    "Adresse e-mail (coord. structure)|Code Département (structure)|Libellé Département (structure)|Ancien identifiant de la structure|"
    "Autorité d'enregistrement|Code secteur d'activité|Libellé secteur d'activité|Code section tableau pharmaciens|"
    "Libellé section tableau pharmaciens|Code fonction|Libellé fonction|Code genre activité|Libellé genre activité"
).split("|")
PRACTICE = {
    "Code mode exercice": "L", "Code secteur d'activité": "SA07", "Ancien identifiant de la structure": "499900063480001",
    "Raison sociale site": "CABINET LIBRE", "Code Département (structure)": "75",
}
HOSPITAL = {
    "Code mode exercice": "S", "Code secteur d'activité": "SA01", "Ancien identifiant de la structure": "1760021832",
    "Numéro FINESS site": "760021832", "Raison sociale site": "HOPITAL NORD", "Code Département (structure)": "76",
}
HEADER = "|".join(COLUMNS) + "|\n"


def line(rpps="99900063480", profession="10", know_how="SM54", **members):
    """A line of a person; `members` are spelled as columns."""
    values = {
        "Type d'identifiant PP": "8", "Identifiant PP": rpps, "Identification nationale PP": f"8{rpps}", "Nom d'exercice": "LIBRE",
        "Prénom d'exercice": "MAX", "Code profession": profession, "Code catégorie professionnelle": "C", "Code savoir-faire": know_how,
        "Libellé Voie (coord. structure)": "DE LA RÉPUBLIQUE", "Libellé commune (coord. structure)": "ROUEN", **members,
    }
    return "|".join(values.get(column, "") for column in COLUMNS) + "|\n"


def write(path, *lines):
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    return path
