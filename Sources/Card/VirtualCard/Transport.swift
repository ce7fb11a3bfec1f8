import SmartCard

/// Between the reader and the operating system: joins chained commands, hands out answers in pieces (ISO/IEC 7816-3 §12.2).
struct Transport: Sendable {
    let kind: TransportProtocol
    /// Answer bytes that GET RESPONSE has not fetched yet.
    private var waiting: [UInt8] = []
    private var chain: Command?

    /// On T=0 the card gives at most this much at once through GET RESPONSE.
    private let piece: Int
    private let shortRead: CardLayout.ShortRead
    private static let longestChain = 1024

    init(_ kind: TransportProtocol, layout: CardLayout) {
        self.kind = kind
        piece = layout.piece
        shortRead = layout.shortRead
    }

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
        if command.ins == 0xC0, command.cla != LegacyVolume.cla { return fetch(command) }
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
            if wanted > count, kind == .t0 || (command.ins == 0xB0 && wanted < 256) {
                switch command.ins == 0xB0 ? shortRead : .exactLength {
                case .exactLength: return StatusWord.exactLength(count).bytes
                case .warning: return reply.data + StatusWord.endOfFileReached.bytes
                case .silent: return reply.data + reply.status.bytes
                }
            }
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
        let most = min(waiting.count, kind == .t0 ? piece : 256)
        let wanted = kind == .t1 && command.le == 256 ? most : command.le ?? 256
        guard wanted <= most else { return StatusWord.exactLength(most).bytes }
        let part = Array(waiting.prefix(wanted))
        waiting = Array(waiting.dropFirst(wanted))
        return part + (waiting.isEmpty ? StatusWord.ok : StatusWord.bytesWaiting(waiting.count)).bytes
    }
}
