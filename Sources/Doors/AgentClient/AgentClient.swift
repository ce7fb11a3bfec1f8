package import APIContract
package import Primitives

/// Speaks to the agent on its Unix socket: one connection an exchange, blocking, with a deadline and a size limit.
package struct AgentClient: Sendable {
    package let socket: String
    package let language: Language
    private let check: ServerCheck
    private let time: any TimeSource

    /// Longest answer, in bytes.
    package static let longestAnswer = 16 << 20

    /// - Parameters:
    ///   - language: of the texts in problem documents.
    ///   - check: decides about the process that listens; nothing is sent to one that is not trusted.
    package init(socket: String, language: Language, check: ServerCheck, time: any TimeSource = SystemTime()) {
        self.socket = socket
        self.language = language
        self.check = check
        self.time = time
    }

    /// - Throws: what the agent refused, `agent_unreachable`, or `internal_error` for an answer that cannot be read.
    package func send(_ request: AgentRequest) throws(Problem) -> AgentAnswer {
        let (type, body) = Self.encoded(request.body)
        let deadline = Deadline(request.patience, time)
        let found: (head: AnswerHead, body: [UInt8])
        do throws(ExchangeFailure) {
            let connection = try connected()
            try Self.write(head(request, type: type, length: body.count) + body, to: connection, by: deadline)
            found = try Self.answer(connection, by: deadline)
        } catch {
            throw error.problem(language)
        }
        return try accepted(found.head, found.body)
    }

    /// Sends a PIN or a password as the body, from its own memory.
    package func send(_ request: AgentRequest, secret: borrowing Secret) throws(Problem) -> AgentAnswer {
        let deadline = Deadline(request.patience, time)
        let found: (head: AnswerHead, body: [UInt8])
        do throws(ExchangeFailure) {
            let connection = try connected()
            try Self.write(head(request, type: API.secretType, length: secret.count), to: connection, by: deadline)
            try secret.withBytes { bytes throws(ExchangeFailure) in try connection.write(bytes, by: deadline) }
            found = try Self.answer(connection, by: deadline)
        } catch {
            throw error.problem(language)
        }
        return try accepted(found.head, found.body)
    }

    /// Begins to follow the agent's events.
    ///
    /// - Parameter last: id of the last event heard before; what came after it is told again if the agent still has it.
    package func events(after last: UInt64? = nil) throws(Problem) -> EventStream {
        let request = AgentRequest(.get, ["events"])
        let deadline = Deadline(request.patience, time)
        let refused: (head: AnswerHead, body: [UInt8])
        do throws(ExchangeFailure) {
            let connection = try connected()
            let resumption = last.map { "Last-Event-ID: \($0)\r\n" } ?? ""
            try Self.write(head(request, type: nil, length: 0, more: resumption), to: connection, by: deadline)
            var reader = AnswerReader(connection)
            let head = try reader.head(by: deadline)
            if head.status == 200, head.contentType == "text/event-stream" {
                return EventStream(reader, time: time, language: language)
            }
            refused = (head, try reader.body(limit: Self.longestAnswer, by: deadline))
        } catch {
            throw error.problem(language)
        }
        _ = try accepted(refused.head, refused.body)
        throw ExchangeFailure.malformed("events are due").problem(language)
    }

    /// The user of the program that listens on the socket, where that is not one the agent may run as; `nil` else.
    package func stranger() -> UInt32? {
        do throws(ExchangeFailure) {
            _ = try connected()
            return nil
        } catch {
            guard case .untrustedServer(let uid) = error else { return nil }
            return uid
        }
    }

    private func connected() throws(ExchangeFailure) -> UnixConnection {
        let connection = try UnixConnection(path: socket)
        let server = try connection.server()
        guard check.isTrusted(server) else { throw .untrustedServer(uid: server.uid) }
        return connection
    }

    private func head(_ request: AgentRequest, type: String?, length: Int, more: String = "") -> [UInt8] {
        var text = "\(request.method.rawValue) \(API.prefix)\(request.target) HTTP/1.1\r\n"
        text += "Host: localhost\r\nConnection: close\r\nAccept-Language: \(language.rawValue)\r\n"
        if let type { text += "Content-Type: \(type)\r\n" }
        if type != nil || request.method != .get { text += "Content-Length: \(length)\r\n" }
        return Array("\(text)\(more)\r\n".utf8)
    }

    private static func encoded(_ body: AgentRequest.Body?) -> (type: String?, bytes: [UInt8]) {
        switch body {
        case nil: (nil, [])
        case .json(let value)?: ("application/json", value.canonical)
        case .bytes(let bytes)?: (API.secretType, bytes)
        case .form(let pairs)?: (API.formType, Array(PercentEncoding.form(pairs).utf8))
        }
    }

    private static func write(_ bytes: [UInt8], to connection: borrowing UnixConnection, by deadline: Deadline) throws(ExchangeFailure) {
        try bytes.span.bytes.withUnsafeBytes { bytes throws(ExchangeFailure) in try connection.write(bytes, by: deadline) }
    }

    private static func answer(
        _ connection: consuming UnixConnection, by deadline: Deadline
    ) throws(ExchangeFailure) -> (head: AnswerHead, body: [UInt8]) {
        var reader = AnswerReader(connection)
        let head = try reader.head(by: deadline)
        return (head, try reader.body(limit: longestAnswer, by: deadline))
    }

    /// The answer, unless it is a refusal.
    private func accepted(_ head: AnswerHead, _ body: [UInt8]) throws(Problem) -> AgentAnswer {
        if (200..<300).contains(head.status) {
            return AgentAnswer(status: head.status, contentType: head.contentType, body: body, next: head.next, language: language)
        }
        guard head.contentType == API.problemType, let document = JSON(parsing: body), document["code"]?.string != nil else {
            throw ExchangeFailure.malformed("status \(head.status) without a problem document").problem(language)
        }
        throw Problem(status: head.status, document: document)
    }
}
