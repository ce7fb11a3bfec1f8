import SmartCard

/// Between the reader and the operating system: joins chained commands, hands out answers in pieces (ISO/IEC 7816-3 §12.2).
struct Transport: Sendable {
    let kind: TransportProtocol
    /// Answer bytes that GET RESPONSE has not fetched yet.
    private var waiting: [UInt8] = []
    private var chain: Command?

    /// A CPS3 gives at most this much at once through GET RESPONSE.
    private static let piece = 0xE7
    private static let longestChain = 1024

    init(_ kind: TransportProtocol) { self.kind = kind }

    mutating func reset() {
        waiting = []
        chain = nil
    }

    /// Answers one command of the reader; `perform` is the operating system, `accepts` its view of the class byte.
    mutating func exchange(
        _ bytes: [UInt8], accepts: (Command) -> StatusWord, perform: (Command) -> Reply
    ) -> [UInt8] {
        guard let command = Command(bytes, over: kind) else { return StatusWord.wrongLength.bytes }
        let accepted = accepts(command)
        guard accepted == .ok else {
            reset()
            return accepted.bytes
        }
        if command.ins == 0xC0 { return fetch(command) }
        waiting = []
        let earlier = chain
        chain = nil
        var whole = command
        if let earlier {
            guard command.continues(earlier) else { return StatusWord.chainingNotSupported.bytes }
            whole = command.joined(after: earlier.data)
        }
        if command.isChained {
            guard command.ins == 0x2A else { return StatusWord.chainingNotSupported.bytes }
            guard whole.data.count <= Self.longestChain else { return StatusWord.wrongLength.bytes }
            chain = whole
            return StatusWord.ok.bytes
        }
        return deliver(perform(whole), for: command)
    }

    private mutating func deliver(_ reply: Reply, for command: Command) -> [UInt8] {
        guard !reply.data.isEmpty else { return reply.status.bytes }
        let count = reply.data.count
        switch (kind, command.le) {
        case (.t0, let wanted?) where command.data.isEmpty && command.ins != 0x2A, (.t1, let wanted?):
            if wanted > count, kind == .t0 || (command.ins == 0xB0 && wanted < 256) { return StatusWord.exactLength(count).bytes }
            if wanted >= count { return reply.data + reply.status.bytes }
            waiting = Array(reply.data.dropFirst(wanted))
            return reply.data.prefix(wanted) + StatusWord.bytesWaiting(waiting.count).bytes
        case (.t1, nil) where command.ins == 0xA4:
            return reply.status.bytes
        default:
            waiting = reply.data
            return StatusWord.bytesWaiting(count).bytes
        }
    }

    private mutating func fetch(_ command: Command) -> [UInt8] {
        guard !waiting.isEmpty else { return StatusWord.conditionsOfUseNotSatisfied.bytes }
        let most = min(waiting.count, kind == .t0 ? Self.piece : 256)
        let wanted = kind == .t1 && command.le == 256 ? most : command.le ?? 256
        guard wanted <= most else { return StatusWord.exactLength(most).bytes }
        let part = Array(waiting.prefix(wanted))
        waiting = Array(waiting.dropFirst(wanted))
        return part + (waiting.isEmpty ? StatusWord.ok : StatusWord.bytesWaiting(waiting.count)).bytes
    }
}
