package import APIContract
package import Primitives

/// Something that happened, as the agent tells it.
package struct AgentEvent: Hashable, Sendable {
    /// Its place in the order; to be given back when following again.
    package let id: UInt64?
    package let kind: String
    package let data: JSON

    package init(id: UInt64?, kind: String, data: JSON) {
        self.id = id
        self.kind = kind
        self.data = data
    }
}

/// What came of waiting for an event.
package enum Heard: Hashable, Sendable {
    case event(AgentEvent)
    /// Nothing began in the time given.
    case quiet
    /// The agent ended the stream in order.
    case end
}

/// Events as they come (HTML Living Standard §9.2.6). Waiting for one has no limit: a quiet agent has nothing to say.
package struct EventStream: ~Copyable {
    var reader: AnswerReader
    private let deadline: Deadline
    private let time: any TimeSource
    private let language: Language
    private var buffer: [UInt8] = []
    private var parser = EventParser()

    /// How long the rest of an event may take that has begun.
    private static let patience = Duration.seconds(10)

    init(_ reader: consuming AnswerReader, time: any TimeSource, language: Language) {
        self.reader = reader
        deadline = Deadline(nil, time)
        self.time = time
        self.language = language
    }

    /// The next event; `nil` when the agent ends the stream in order.
    ///
    /// - Throws: `agent_unreachable` when the stream breaks off, `internal_error` for what is no event.
    package mutating func next() throws(Problem) -> AgentEvent? {
        do throws(ExchangeFailure) {
            while true {
                if let event = try buffered() { return event }
                guard try fill(by: deadline) else { return nil }
            }
        } catch {
            throw error.problem(language)
        }
    }

    /// The same, but it waits no longer than that for an event to begin; `nil` for any time.
    package mutating func next(within patience: Duration?) throws(Problem) -> Heard {
        let quiet = Deadline(patience, time)
        do throws(ExchangeFailure) {
            while true {
                if let event = try buffered() { return .event(event) }
                guard try reader.hasMore(by: quiet) else { return .quiet }
                guard try fill(by: Deadline(Self.patience, time)) else { return .end }
            }
        } catch {
            throw error.problem(language)
        }
    }

    private mutating func buffered() throws(ExchangeFailure) -> AgentEvent? {
        while let end = buffer.firstIndex(of: 0x0A) {
            let line = Array(buffer[..<end])
            buffer.removeSubrange(...end)
            if let event = try parser.take(line) { return event }
        }
        return nil
    }

    /// - Returns: false when the agent ended the stream in order.
    private mutating func fill(by deadline: Deadline) throws(ExchangeFailure) -> Bool {
        guard let piece = try reader.next(by: deadline) else { return false }
        buffer += piece
        guard buffer.count <= AgentClient.longestAnswer else { throw .tooLarge(limit: AgentClient.longestAnswer) }
        return true
    }
}

/// Puts the lines of a stream together to events.
struct EventParser {
    private var id: UInt64?
    private var kind = ""
    private var data: [UInt8] = []
    private var hasData = false

    /// - Parameter line: without its end; a carriage return before it belongs to the end.
    /// - Returns: the event that an empty line completes.
    mutating func take(_ bytes: [UInt8]) throws(ExchangeFailure) -> AgentEvent? {
        let line = bytes.last == 0x0D ? bytes.dropLast() : bytes[...]
        if line.isEmpty { return try dispatch() }
        let name = line.prefix { $0 != 0x3A }
        var value = line.dropFirst(name.count + 1)
        if value.first == 0x20 { value = value.dropFirst() }
        switch String(decoding: name, as: UTF8.self) {
        case "id": id = UInt64(String(decoding: value, as: UTF8.self)) ?? id
        case "event": kind = String(decoding: value, as: UTF8.self)
        case "data":
            if hasData { data.append(0x0A) }
            data += value
            hasData = true
            guard data.count <= AgentClient.longestAnswer else { throw .tooLarge(limit: AgentClient.longestAnswer) }
        default: break  // Comments and fields that are not known are passed over, as the standard says.
        }
        return nil
    }

    private mutating func dispatch() throws(ExchangeFailure) -> AgentEvent? {
        defer { (kind, data, hasData) = ("", [], false) }
        guard hasData else { return nil }
        guard let value = JSON(parsing: data) else { throw .malformed("the data of an event is not JSON") }
        return AgentEvent(id: id, kind: kind.isEmpty ? "message" : kind, data: value)
    }
}
