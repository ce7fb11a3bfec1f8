import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct DegradedStatusVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: Help.text(
            "Show whether people may come in without their card here, by whose decision, for which reasons.",
            "Montrer si l'on peut entrer ici sans sa carte, par quelle décision, pour quels motifs."))

    @OptionGroup var global: GlobalOptions

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let rules = try tool.get("degraded")
        try tool.output.show(rules) { Self.texts(rules).map { $0.in(tool.output.language) } }
        return .done
    }

    private static func texts(_ rules: JSON) -> [Text] {
        guard rules["enabled"]?.bool == true else { return [DegradedSentence.off] + contact(rules) }
        let reasons = (rules["reasons"]?.array ?? []).compactMap(\.string)
        let homologation = rules["homologation"].map { homologation in
            DegradedSentence.homologation(
                homologation.text("authority"), homologation.text("reference"), homologation.text("valid_until"),
                isOver: homologation["expired"]?.bool == true)
        }
        return [homologation].compactMap { $0 }
            + [
                DegradedSentence.lengths(rules.text("session"), rules.text("longest"), rules.text("vouched")),
                DegradedSentence.reasons(reasons),
            ]
            + contact(rules)
    }

    private static func contact(_ rules: JSON) -> [Text] { rules["contact"]?.string.map { [DegradedSentence.contact($0)] } ?? [] }
}
