package import APIContract
import FoundationEssentials
package import Primitives

/// A successful answer of the agent, complete.
package struct AgentAnswer: Hashable, Sendable {
    package let status: Int
    package let contentType: String?
    package let body: [UInt8]
    /// Where a list goes on; `nil` when this is its last page.
    package let next: UInt64?
    let language: Language

    /// The body as JSON.
    ///
    /// - Throws: `internal_error` when it is something else.
    package func json() throws(Problem) -> JSON {
        guard contentType == "application/json", let value = JSON(parsing: body) else {
            throw ExchangeFailure.malformed("JSON is due").problem(language)
        }
        return value
    }

    /// The body as text.
    ///
    /// - Throws: `internal_error` when it is not UTF-8.
    package func text() throws(Problem) -> String {
        guard let text = String(validating: body, as: UTF8.self) else { throw ExchangeFailure.malformed("text is due").problem(language) }
        return text
    }

    /// The lines of the body, each without its end.
    ///
    /// - Throws: `internal_error` when the last one has no end.
    package func lines() throws(Problem) -> [[UInt8]] {
        guard body.isEmpty || body.last == 0x0A else { throw ExchangeFailure.malformed("the last line is cut short").problem(language) }
        return body.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast().map { Array($0) }
    }
}

extension JSON {
    /// The value that `bytes` hold; `nil` when they are not JSON with whole numbers.
    package init?(parsing bytes: [UInt8]) {
        guard let value = try? JSONDecoder().decode(JSON.self, from: Data(bytes)) else { return nil }
        self = value
    }
}
