import APIContract
import Primitives

/// Writes answers and errors in the form that was asked for: JSON for programs, sentences for people.
struct Output {
    let console: any Console
    let isJSON: Bool
    let language: Language

    /// Prints an answer: the document itself, or lines about it.
    func show(_ document: JSON, lines: () -> [String]) throws(Problem) {
        if isJSON {
            try raw(document.canonical)
        } else {
            for text in lines() { try line(text) }
        }
    }

    /// Prints bytes as they are, and a newline.
    func raw(_ bytes: [UInt8]) throws(Problem) {
        do throws(ConsoleFailure) {
            try console.out(bytes + [0x0A])
        } catch {
            throw problem(.internalError, error.reason.of(.standardOutput))
        }
    }

    func line(_ text: String) throws(Problem) { try raw(Array(text.printable.utf8)) }

    /// Tells a person something that is not the answer.
    func tell(_ text: Text) { console.err(text.in(language).printable + "\n") }

    func problem(_ code: ErrorCode, _ members: [String: JSON] = [:]) -> Problem { Problem(Refusal(code, members), language: language) }

    /// - Parameter detail: what is particular to this occurrence.
    func problem(_ code: ErrorCode, _ detail: Text, _ members: [String: JSON] = [:]) -> Problem {
        Problem(Refusal(code, members), language: language, detail: detail)
    }

    /// A file that the system refused.
    func problem(_ error: FileError, at path: String? = nil) -> Problem { problem(.invalidRequest, error.text.of(path ?? error.path)) }

    /// Prints an error; gives the exit code.
    func fail(_ problem: Problem) -> Int32 {
        if isJSON {
            do throws(ConsoleFailure) {
                try console.out(problem.json.canonical + [0x0A])
            } catch {
                console.err("cpsctl: \(error.reason.in(language))\n")
            }
        } else {
            explain(problem)
        }
        return problem.exit.rawValue
    }

    /// Tells a person about an error: what, which, what to do.
    func explain(_ problem: Problem) {
        for line in problem.lines(language) { console.err(line.printable + "\n") }
    }
}

extension Problem {
    static let common: Set<String> = ["type", "title", "status", "code", "detail", "problems", "remedy", "retry"]

    /// Title and code, what is particular, what to do.
    func lines(_ language: Language) -> [String] {
        var lines = ["cpsctl: \(json["title"]?.string ?? code) (\(code))"]
        if let detail { lines.append("  \(detail.in(language))") }
        if case .object(let members) = json {
            for (name, value) in members.sorted(by: { $0.key < $1.key }) where !Self.common.contains(name) {
                lines.append("  \(ProblemSentence.fact(name, value).in(language))")
            }
        }
        if let remedy = json["remedy"]?.string { lines.append("  → \(remedy)") }
        return lines
    }
}

extension JSON {
    /// A text as it is, everything else as JSON.
    var plain: String { string ?? String(decoding: canonical, as: UTF8.self) }
}

extension String {
    /// Without what a terminal would obey: names come from cards, and from whoever named a reader.
    var printable: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control where scalar != "\n": "\u{FFFD}"
                    case .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
                    default: scalar
                    }
                }))
    }
}
