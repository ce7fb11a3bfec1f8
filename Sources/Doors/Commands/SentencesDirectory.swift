import APIContract
import Primitives

/// What a person reads about the imported directory.
enum DirectorySentence {
    static let none = Text("Aucun annuaire importé.", "No directory was imported.")
    static let noSituation = Text("Aucune situation d'exercice.", "No situation of practice.")

    static func summary(_ directory: JSON, _ language: Language) -> [String] {
        let rows: [(Text, String)] = [
            (Text("Personnes", "People"), directory.text("people")), (Text("Situations", "Situations"), directory.text("situations")),
            (Text("Lignes lues", "Lines read"), directory.text("lines")), (Text("Lignes gardées", "Lines kept"), directory.text("kept")),
            (Text("Lignes écartées", "Bad lines"), directory.text("bad")), (Text("Importé le", "Imported"), directory.text("imported_at")),
            (Text("SHA-256", "SHA-256"), directory.text("sha256")),
        ]
        return Table.lines(rows.filter { $0.1 != "-" }.map { [$0.0.in(language), $0.1] })
    }

    static func badLines(_ directory: JSON, _ language: Language) -> [String] {
        let lines = (directory["bad_lines"]?.array ?? []).map { line in
            Text("  ligne \(line.text("line")) : \(line.text("reason"))", "  line \(line.text("line")): \(line.text("reason"))").in(
                language)
        }
        guard let bad = directory["bad"]?.int, bad > Int64(lines.count) else { return lines }
        return lines + [Text("  et \(bad - Int64(lines.count)) autres", "  and \(bad - Int64(lines.count)) others").in(language)]
    }
}
