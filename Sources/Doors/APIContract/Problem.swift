package import Primitives

/// An error as callers receive it: `application/problem+json` (RFC 9457) with the extra members of this API.
package struct Problem: Error, Hashable, Sendable {
    package let status: Int
    package let code: String
    package let json: JSON
    /// What is particular to this occurrence, for people; the document has it in English.
    package let detail: Text?

    /// - Parameter detail: what is particular to this occurrence, when the title does not say it all.
    package init(_ refusal: Refusal, language: Language, detail: Text? = nil) {
        let entry = refusal.code.entry
        var members: [String: JSON] = refusal.members
        members["type"] = .string("urn:cps-agent:error:\(refusal.code.rawValue)")
        members["title"] = .string(entry.title.in(language))
        members["status"] = .int(Int64(entry.status))
        members["code"] = .string(refusal.code.rawValue)
        members["remedy"] = .string(entry.remedy.in(language))
        members["retry"] = .string(entry.retry.rawValue)
        if let detail { members["detail"] = .string(detail.english) }
        status = entry.status
        code = refusal.code.rawValue
        json = .object(members)
        self.detail = detail ?? refusal.members["detail"]?.string.map { Text($0) }
    }

    /// Reads a problem document that an agent sent, whose `detail` is English.
    package init(status: Int, document: JSON) { self.init(status: status, document: document, detail: nil) }

    private init(status: Int, document: JSON, detail: Text?) {
        self.status = status
        code = document["code"]?.string ?? ErrorCode.internalError.rawValue
        json = document
        self.detail = detail ?? document["detail"]?.string.map { Text($0) }
    }

    /// The same problem with another title and remedy.
    package func saying(_ title: String, _ remedy: String) -> Problem {
        Problem(status: status, document: json.with("title", .string(title)).with("remedy", .string(remedy)), detail: detail)
    }

    /// What `cpsctl` exits with.
    package var exit: ExitStatus { ErrorCode(rawValue: code)?.entry.exit ?? .other }
}
