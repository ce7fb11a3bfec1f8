import APIContract
import ArgumentParser
import Primitives

struct DoctorVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: Help.text(
            "Check this workstation, and say what to do about what is not right.",
            "Examiner ce poste, et dire que faire de ce qui ne va pas."),
        discussion: Help.text(
            "Exits with the code of the first thing that stands in the way of a login; 0 when nothing does.",
            "Sort avec le code du premier obstacle à une connexion ; 0 s'il n'y en a pas."))

    @OptionGroup var global: GlobalOptions

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let findings = Examination(tool: tool).findings()
        let isHealthy = findings.allSatisfy { $0.exit == .done }
        let document: JSON = ["healthy": .bool(isHealthy), "checks": .array(findings.map { $0.json(tool.output.language) })]
        try tool.output.show(document) { findings.flatMap { $0.lines(tool.output.language) } }
        return findings.map(\.exit).first { $0 != .done } ?? .done
    }
}

/// One thing that was looked at.
struct Finding {
    let check: String
    let text: Text
    /// What to do; `nil` when all is well.
    let remedy: Text?
    /// The error that a login would meet.
    let code: ErrorCode?

    init(_ check: String, _ text: Text, remedy: Text? = nil) {
        self.check = check
        self.text = text
        self.remedy = remedy
        code = nil
    }

    /// A known error, in its own words.
    init(_ check: String, _ code: ErrorCode, at place: String? = nil) {
        self.check = check
        text = place.map { DoctorSentence.card($0, code.entry.title) } ?? code.entry.title
        remedy = code.entry.remedy
        self.code = code
    }

    var exit: ExitStatus { code?.entry.exit ?? .done }

    func json(_ language: Language) -> JSON {
        [
            "check": .string(check), "ok": .bool(remedy == nil), "text": .string(text.in(language)),
            "remedy": remedy.map { .string($0.in(language)) } ?? .null, "code": code.map { .string($0.rawValue) } ?? .null,
        ]
    }

    func lines(_ language: Language) -> [String] {
        let verdict = remedy == nil ? DoctorSentence.fine : DoctorSentence.attention
        return ["\(verdict.in(language))  \(check): \(text.in(language))"] + (remedy.map { ["    → \($0.in(language))"] } ?? [])
    }
}
