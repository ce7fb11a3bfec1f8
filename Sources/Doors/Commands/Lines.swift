import APIContract
import Primitives

/// Columns of texts, each as wide as its widest, two blanks between them.
enum Table {
    static func lines(_ rows: [[String]]) -> [String] {
        let widths = rows.reduce(into: [Int]()) { widths, row in
            for (column, text) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], text.count)
            }
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, text in
                column == row.count - 1 ? text : text + String(repeating: " ", count: widths[column] - text.count)
            }
            return cells.joined(separator: "  ")
        }
    }
}

extension JSON {
    /// The text of a member for people; a dash when there is none.
    func text(_ name: String) -> String {
        guard let value = self[name], value != .null else { return "-" }
        return value.plain
    }

    /// A name of the API in words for people; a dash when there is none.
    func words(_ name: String, _ language: Language, _ sentence: (String) -> Text) -> String { sentence(text(name)).in(language) }

    /// Name and profession of a `holder`; a dash when there is none.
    var holderText: String {
        let name = [self["family_name"]?.string, self["given_name"]?.string].compactMap { $0 }.joined(separator: " ")
        let profession = self["profession"].flatMap { $0["label"]?.string ?? $0["code"]?.string }
        guard !name.isEmpty || profession != nil else { return self["national_id"]?.string ?? "-" }
        return profession.map { name.isEmpty ? $0 : "\(name) (\($0))" } ?? name
    }

    /// A session, one fact a line.
    func sessionLines(_ language: Language) -> [String] {
        var rows = [
            [Sentence.session.in(language), text("id")], [Sentence.state.in(language), words("state", language, SessionSentence.state)],
            [Sentence.holder.in(language), self["holder"]?.holderText ?? "-"], [Sentence.reader.in(language), text("reader")],
            [Sentence.scopes.in(language), (self["scopes"]?.array ?? []).compactMap(\.string).joined(separator: " ")],
            [Sentence.opened.in(language), text("opened_at")], [Sentence.expires.in(language), text("expires_at")],
        ]
        if let profile = self["profile"], profile != .null {
            rows.insert([Sentence.profile.in(language), profile.profileText(language)], at: 4)
        }
        if self["ended_at"]?.string != nil {
            rows.append([Sentence.ended.in(language), "\(text("ended_at")) (\(words("end_reason", language, SessionSentence.end)))"])
        }
        guard self["state"]?.string == "profile_required" else { return Table.lines(rows) }
        return Table.lines(rows) + [Sentence.profilesToChoose.in(language)] + profileLines(language)
    }

    /// The situations that there are to choose from, one a line.
    func profileLines(_ language: Language) -> [String] {
        Table.lines((self["profiles"]?.array ?? []).map { ["  \($0.text("id"))", $0.profileText(language)] })
    }

    /// A situation: structure, sector, how its person works there.
    func profileText(_ language: Language) -> String {
        guard self != .null else { return "-" }
        let practice = self["mode"]?.string.map { SessionSentence.practice($0).in(language) }
        let facts = [self["structure_id"]?.string, self["sector"]?.string, practice].compactMap(\.self).joined(separator: ", ")
        let label = self["label"]?.string ?? text("id")
        return facts.isEmpty ? label : "\(label) (\(facts))"
    }
}
