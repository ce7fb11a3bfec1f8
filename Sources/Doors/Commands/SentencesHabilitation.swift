import APIContract
import Primitives

/// What people read about rights.
enum HabilitationSentence {
    static let granted = Text("accordé", "granted")
    static let denied = Text("refusé", "denied")
    static let applies = Text("s'applique", "applies")

    static func unmet(_ facts: String) -> Text { Text("ne s'applique pas : \(facts)", "does not apply: \(facts)") }

    static func sound(_ matrix: JSON) -> Text {
        let (rules, people, samples) = (matrix.text("rules"), matrix.text("people"), matrix.text("samples"))
        return Text(
            "Matrice valable : \(rules) règles, \(people) personnes nommées, \(samples) décisions d'exemple ; SHA-256 \(matrix.text("sha256"))",
            "Sound matrix: \(rules) rules, \(people) named persons, \(samples) sample decisions; SHA-256 \(matrix.text("sha256"))")
    }

    /// An explanation: each scope with its verdict and the rules that gave it, then each rule.
    static func lines(_ explanation: JSON, _ language: Language) -> [String] {
        let decisions = (explanation["decisions"]?.array ?? []).map { decision in
            [
                decision.text("scope"), (decision["granted"]?.bool == true ? granted : denied).in(language),
                (decision["rules"]?.array ?? []).map(\.plain).joined(separator: ", "),
            ]
        }
        let rules = (explanation["rules"]?.array ?? []).map { rule in
            let facts = (rule["unmet"]?.array ?? []).map(\.plain).joined(separator: ", ")
            return [rule.text("name"), (facts.isEmpty ? applies : unmet(facts)).in(language)]
        }
        return Table.lines(decisions) + [""] + Table.lines(rules)
    }
}
