internal import Foundation

/// Where the columns that are needed stand in an extraction of the national directory. They are found by name, never by place, and
/// names are compared without case, accents, little words and what stands in brackets: published editions differ in all of these.
struct ExtractionColumns: Hashable, Sendable {
    enum Column: Int, CaseIterable, Sendable {
        case nationalID, idType, idNumber, familyName, givenName, profession, category, knowHow, mode, siret, finess, technicalID
        case structureID, name, sign, department, postcode, sector

        /// As the published header has it.
        var title: String { Self.titles[rawValue] }

        private static let titles = [
            "Identification nationale PP",
            "Type d'identifiant PP",
            "Identifiant PP",
            "Nom d'exercice",
            "Prénom d'exercice",
            "Code profession",
            "Code catégorie professionnelle",
            "Code savoir-faire",
            "Code mode exercice",
            "Numéro SIRET site",
            "Numéro FINESS site",
            "Identifiant technique de la structure",
            "Ancien identifiant de la structure",
            "Raison sociale site",
            "Enseigne commerciale site",
            "Code Département (structure)",
            "Code postal (coord. structure)",
            "Code secteur d'activité",
        ]
    }

    /// Fields of each line; the mark at the end of a line makes one that is empty.
    let count: Int
    private let places: [Int?]

    /// - Throws: what is missing, by the name that it has in the published header.
    init(header: String) throws(ExtractionRefusal) {
        let names = header.split(separator: "|", omittingEmptySubsequences: false).map { Self.plain(String($0)) }
        guard names.count > 3 else { throw .noHeader }
        count = names.count
        places = Column.allCases.map { column in names.firstIndex(of: Self.plain(column.title)) }
        if place(.nationalID) == nil {
            for column in [Column.idType, .idNumber] where place(column) == nil { throw .missingColumn(Column.nationalID.title) }
        }
        for column in [Column.profession, .mode, .sector] where place(column) == nil { throw .missingColumn(column.title) }
        guard [Column.structureID, .finess, .siret, .technicalID].contains(where: { place($0) != nil }) else {
            throw .missingColumn(Column.structureID.title)
        }
    }

    func place(_ column: Column) -> Int? { places[column.rawValue] }

    private static let littleWords: Set<String> = ["d", "de", "du", "des", "l", "la", "le"]

    /// A column's name as it is compared.
    static func plain(_ name: String) -> String {
        var words = [""]
        var depth = 0
        for scalar in name.lowercased().decomposedStringWithCanonicalMapping.unicodeScalars {
            switch scalar {
            case "(": depth += 1
            case ")": depth = max(0, depth - 1)
            case "a"..."z", "0"..."9":
                if depth == 0 { words[words.count - 1].unicodeScalars.append(scalar) }
            // An accent belongs to the letter before.
            case "\u{300}"..."\u{36F}": continue
            default: words.append("")
            }
        }
        return words.filter { !littleWords.contains($0) }.joined()
    }
}

/// Why a file is no extraction that can be read.
package enum ExtractionRefusal: Error, Hashable, Sendable {
    /// The first line is no header of columns.
    case noHeader
    /// A column that is needed is not there; its published name.
    case missingColumn(String)
}
