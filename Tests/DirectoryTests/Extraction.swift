/// Extractions as the published one is made.
enum Extraction {
    static let header =
        "Type d'identifiant PP|Identifiant PP|Identification nationale PP|Code civilité d'exercice|Nom d'exercice|Prénom d'exercice|"
        + "Code profession|Code catégorie professionnelle|Code savoir-faire|Libellé savoir-faire|Code mode exercice|Numéro SIRET site|"
        + "Numéro FINESS site|Identifiant technique de la structure|Raison sociale site|Enseigne commerciale site|"
        + "Code postal (coord. structure)|Code Département (structure)|Ancien identifiant de la structure|Code secteur d'activité|"

    /// A doctor's line; members that a test does not care for are usual ones.
    static func line(
        person: String = "899900063480", family: String = "LIBRE", profession: String = "10", category: String = "C",
        knowHow: String = "SM54", mode: String = "L", siret: String = "", finess: String = "", technical: String = "R10100000012345",
        name: String = "CABINET LIBRE", sign: String = "", postcode: String = "75011", department: String = "75",
        structure: String = "499900063480001", sector: String = "SA07"
    ) -> String {
        [
            "8", String(person.dropFirst()), person, "DR", family, "MAX", profession, category, knowHow, "", mode, siret, finess, technical,
            name, sign, postcode, department, structure, sector, "",
        ].joined(separator: "|")
    }

    static func file(_ lines: [String]) -> [UInt8] { Array(([header] + lines).map { "\($0)\n" }.joined().utf8) }
}
