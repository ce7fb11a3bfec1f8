import APIContract
import Primitives

/// One thing that was looked at.
struct Finding {
    let check: String
    let text: Text
    /// What it comes from or leads to; `nil` when all is well.
    let why: Text?
    /// What to do; `nil` when all is well.
    let remedy: Text?
    /// The command that does it, where one does.
    let repair: Repair?
    /// The error that a login would meet.
    let code: ErrorCode?

    /// All is well.
    init(_ check: String, _ text: Text) { self.init(check, text, why: nil, remedy: nil, repair: nil, code: nil) }

    /// Something to see to.
    init(_ check: String, _ text: Text, why: Text, remedy: Text, repair: Repair? = nil) {
        self.init(check, text, why: why, remedy: remedy, repair: repair, code: nil)
    }

    /// A known error, in its own words.
    init(_ check: String, _ code: ErrorCode, at place: Text? = nil, why: Text? = nil, remedy: Text? = nil, repair: Repair? = nil) {
        self.init(
            check, place.map { code.entry.title.of($0) } ?? code.entry.title,
            why: why ?? DoctorSentence.standsInTheWay, remedy: remedy ?? code.entry.remedy, repair: repair, code: code)
    }

    private init(_ check: String, _ text: Text, why: Text?, remedy: Text?, repair: Repair?, code: ErrorCode?) {
        self.check = check
        self.text = text
        self.why = why
        self.remedy = remedy
        self.repair = repair
        self.code = code
    }

    var exit: ExitStatus { code?.entry.exit ?? .done }

    func json(_ language: Language) -> JSON {
        [
            "check": .string(check), "ok": .bool(remedy == nil), "text": .string(text.in(language)),
            "why": why.map { .string($0.in(language)) } ?? .null, "remedy": remedy.map { .string($0.in(language)) } ?? .null,
            "fix": repair.map { .string($0.line) } ?? .null, "code": code.map { .string($0.rawValue) } ?? .null,
        ]
    }

    func lines(_ language: Language) -> [String] {
        let verdict = remedy == nil ? DoctorSentence.fine : DoctorSentence.attention
        var lines = ["\(verdict.in(language))  \(check): \(text.in(language))"]
        if let why { lines.append("    \(why.in(language))") }
        if let remedy { lines.append("    → \(remedy.in(language))") }
        if let repair { lines.append("    $ \(repair.line)") }
        return lines
    }
}

/// A command that sets something right.
struct Repair: Hashable {
    /// The program and its arguments, none of which needs a shell.
    let command: [String]
    /// Whether it can do no harm where it does no good, so that `--fix` may run it.
    let isSafe: Bool

    private init(_ command: [String], isSafe: Bool) {
        self.command = command
        self.isSafe = isSafe
    }

    static func safe(_ command: String...) -> Self { Self(command, isSafe: true) }

    /// For a person to run who has understood it.
    static func byHand(_ command: String...) -> Self { Self(command, isSafe: false) }

    /// Takes in revocation lists again.
    static let lists = Self.safe("cpsctl", "trust", "update")

    /// As it is typed.
    var line: String {
        command.map { word in word.isEmpty || word.contains(where: { " '\"\\$&;|<>*?()".contains($0) }) ? "'\(word)'" : word }
            .joined(separator: " ")
    }
}
