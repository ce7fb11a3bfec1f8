import APIContract
import ArgumentParser
import Primitives

struct CardVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "card",
        abstract: Help.text("Show the card in a reader, without its PIN.", "Montrer la carte d'un lecteur, sans son code."))

    @OptionGroup var global: GlobalOptions

    @Option(
        help: Help.argument(
            "Id or PC/SC name of the reader; else the first with a card.",
            "Identifiant ou nom PC/SC du lecteur ; sinon le premier qui a une carte."))
    var reader: ResourceID?

    @Flag(
        help: Help.argument(
            "Show the data objects instead, those behind the PIN by name only.",
            "Montrer plutôt les objets de données ; ceux que le code protège, par leur nom seulement."))
    var objects = false

    @Option(
        help: Help.argument(
            "With --objects: what the login of this session read behind the PIN (cards.protected_objects).",
            "Avec --objects : ce que la connexion de cette session a lu sous la protection du code (cards.protected_objects)."))
    var session: ResourceID?

    func validate() throws {
        if session != nil, !objects || reader != nil { throw ValidationError("--session goes with --objects, without --reader") }
    }

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        if let session {
            let answer = try tool.get("sessions", session.text, "card", "objects")
            try tool.output.show(answer) { Self.objectLines(answer, tool.output.language) }
            return .done
        }
        let chosen = if let reader { reader.text } else { try Self.firstWithCard(tool) }
        if objects {
            let answer = try tool.get("readers", chosen, "card", "objects")
            try tool.output.show(answer) { Self.objectLines(answer, tool.output.language) }
            return .done
        }
        let card = try tool.get("readers", chosen, "card")
        guard card["state"]?.string != "absent" else {
            throw tool.output.problem(.cardAbsent, ["reader": card["reader"] ?? .null])
        }
        try tool.output.show(card) { Self.lines(card, tool.output.language) }
        return .done
    }

    static func firstWithCard(_ tool: Tool) throws(Problem) -> String {
        let readers = try tool.get("readers")["readers"]?.array ?? []
        guard let first = readers.first else { throw tool.output.problem(.noReader) }
        let chosen =
            readers.first { $0["card"]?.string == "ready" } ?? readers.first { $0["card"]?.string != "absent" } ?? first
        guard let id = chosen["id"]?.string else {
            throw tool.output.problem(.internalError, Text("un lecteur n'a pas d'id", "a reader has no id"))
        }
        return id
    }

    private static func objectLines(_ answer: JSON, _ language: Language) -> [String] {
        Table.lines(
            (answer["objects"]?.array ?? []).map { object in
                [
                    object.text("label"), object.words("access", language, CardSentence.access), object.text("size"),
                    object["problem"]?.string ?? "-",
                ]
            })
    }

    private static func lines(_ card: JSON, _ language: Language) -> [String] {
        var rows = [
            [Sentence.reader.in(language), card.text("reader")],
            [Sentence.state.in(language), card.words("state", language, CardSentence.state)],
            [Sentence.card.in(language), "\(card.words("generation", language, CardSentence.generation)) \(card.text("serial"))"],
            [Sentence.holder.in(language), card["holder"]?.holderText ?? "-"],
            [Sentence.triesLeft.in(language), card.words("tries_left", language, CardSentence.left)],
        ]
        if let dates = card["certificate"], dates != .null {
            rows.append([Sentence.validity.in(language), "\(dates.text("not_before")) – \(dates.text("not_after"))"])
        }
        if let isProven = card["technical_key_proven"]?.bool {
            rows.append([Sentence.technicalKey.in(language), (isProven ? Sentence.proven : Sentence.notProven).in(language)])
        }
        if let entry = card["code"]?.string.flatMap({ ErrorCode(rawValue: $0) })?.entry {
            rows.append([Sentence.problem.in(language), "\(entry.title.in(language)). \(entry.remedy.in(language))"])
        }
        return Table.lines(rows)
    }
}
