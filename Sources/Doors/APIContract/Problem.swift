package import Primitives

/// An error as callers receive it: `application/problem+json` (RFC 9457) with the extra members of this API.
package struct Problem: Error, Hashable, Sendable {
    package let status: Int
    package let code: String
    package let json: JSON

    /// - Parameter detail: what is particular to this occurrence, in English, when the title does not say it all.
    package init(_ refusal: Refusal, language: Language, detail: String? = nil) {
        let entry = refusal.code.entry
        var members: [String: JSON] = refusal.members
        members["type"] = .string("urn:cps-agent:error:\(refusal.code.rawValue)")
        members["title"] = .string(entry.title.in(language))
        members["status"] = .int(Int64(entry.status))
        members["code"] = .string(refusal.code.rawValue)
        members["remedy"] = .string(entry.remedy.in(language))
        members["retry"] = .string(entry.retry.rawValue)
        if let detail { members["detail"] = .string(detail) }
        status = entry.status
        code = refusal.code.rawValue
        json = .object(members)
    }

    /// Reads a problem document that an agent sent.
    package init(status: Int, document: JSON) {
        self.status = status
        code = document["code"]?.string ?? ErrorCode.internalError.rawValue
        json = document
    }

    /// What `cpsctl` exits with.
    package var exit: ExitStatus { ErrorCode(rawValue: code)?.entry.exit ?? .other }
}
