import APIContract

/// Status line and fields of an answer (RFC 9112 §4, §5), read strictly: a client that guesses can be made to believe things.
struct AnswerHead: Hashable, Sendable {
    /// How the length of the body is told (RFC 9112 §6.3); an answer that ends with the connection cannot be told from a broken one,
    /// and is refused.
    enum Framing: Hashable, Sendable {
        case none
        case length(Int)
        case chunked
    }

    let status: Int
    /// In lower case, without parameters.
    let contentType: String?
    let framing: Framing
    /// Where a list goes on, unless this is its last page.
    let next: UInt64?

    static let byteLimit = 32_768

    /// - Parameter bytes: everything before the empty line.
    init(_ bytes: some Collection<UInt8>) throws(ExchangeFailure) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformed("head") }
        var lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            String(Substring(line.last == 0x0D ? line.dropLast() : line))
        }
        let first = lines.removeFirst()
        let parts = first.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0] == "HTTP/1.1", parts[1].utf8.count == 3, let status = Self.decimal(parts[1]),
            (200..<600).contains(status)
        else { throw .malformed("status line") }
        var fields: [String: String] = [:]
        for line in lines {
            let pair = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, !pair[0].isEmpty, !pair[0].contains(where: { $0 == " " || $0 == "\t" }) else {
                throw .malformed("header field")
            }
            let name = pair[0].lowercased()
            let value = String(pair[1].drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
            let isNew = fields.updateValue(value, forKey: name) == nil
            guard isNew || !["content-length", "transfer-encoding", "content-type"].contains(name) else {
                throw .malformed("\(name) is there twice")
            }
        }
        self.status = status
        contentType = fields["content-type"]?.prefix { $0 != ";" && $0 != " " }.lowercased()
        next = fields[API.nextField.lowercased()].flatMap { Self.decimal($0) }.flatMap { UInt64(exactly: $0) }
        framing = try Self.framing(status, length: fields["content-length"], coding: fields["transfer-encoding"])
    }

    private static func framing(_ status: Int, length: String?, coding: String?) throws(ExchangeFailure) -> Framing {
        if status == 204 || status == 304 { return .none }
        switch (length, coding) {
        case (let length?, nil):
            guard let count = decimal(length) else { throw .malformed("Content-Length") }
            return .length(count)
        case (nil, let coding?):
            guard coding.lowercased() == "chunked" else { throw .malformed("Transfer-Encoding") }
            return .chunked
        case (nil, nil): throw .malformed("the body has no length")
        case (_?, _?): throw .malformed("the body has two lengths")
        }
    }

    /// Digits alone, at most twelve.
    private static func decimal(_ text: some StringProtocol) -> Int? {
        guard (1...12).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }
}
