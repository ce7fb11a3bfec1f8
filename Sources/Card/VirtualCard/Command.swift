import SmartCard

/// A command as it came through the reader, with its chained parts joined.
struct Command: Hashable, Sendable {
    /// Without the chaining bit.
    let cla: UInt8
    let ins: UInt8
    let p1: UInt8
    let p2: UInt8
    var data: [UInt8]
    /// Wanted length, 1 to 256, when the command named one.
    let le: Int?
    /// Another part follows (ISO/IEC 7816-4 §5.3.3).
    let isChained: Bool

    /// Reads a short command. On T=0 nothing may follow the data (ISO/IEC 7816-3 §12.2); `nil` for every other shape.
    init?(_ bytes: [UInt8], over transport: TransportProtocol) {
        guard bytes.count >= 4 else { return nil }
        cla = bytes[0] & 0xEF
        isChained = bytes[0] & 0x10 != 0
        (ins, p1, p2) = (bytes[1], bytes[2], bytes[3])
        let body = bytes.dropFirst(4)
        guard let third = body.first else {
            (data, le) = ([], nil)
            return
        }
        let rest = Array(body.dropFirst())
        if rest.isEmpty {
            (data, le) = ([], third == 0 ? 256 : Int(third))
        } else if third != 0, rest.count == Int(third) {
            (data, le) = (rest, nil)
        } else if third != 0, rest.count == Int(third) + 1, transport == .t1, let last = rest.last {
            (data, le) = (Array(rest.dropLast()), last == 0 ? 256 : Int(last))
        } else {
            return nil
        }
    }

    /// The same command after other parts of its chain.
    func joined(after earlier: [UInt8]) -> Command {
        var command = self
        command.data = earlier + data
        return command
    }

    func continues(_ other: Command) -> Bool { (cla, ins, p1, p2) == (other.cla, other.ins, other.p1, other.p2) }
}

/// What the card's operating system answers, before the transport cuts it into pieces.
struct Reply: Hashable, Sendable {
    var data: [UInt8] = []
    let status: StatusWord

    static func status(_ status: StatusWord) -> Reply { Reply(status: status) }

    static func ok(_ data: [UInt8] = []) -> Reply { Reply(data: data, status: .ok) }
}

/// The transmission protocols of ISO/IEC 7816-3.
enum TransportProtocol: Hashable, Sendable {
    case t0
    case t1
}

extension StatusWord {
    static let memoryFailure = StatusWord(rawValue: 0x6581)
    static let chainingNotSupported = StatusWord(rawValue: 0x6884)
    static let commandNotAllowed = StatusWord(rawValue: 0x6986)
    static let incorrectData = StatusWord(rawValue: 0x6A80)
    /// A wrong code whose tries left are not told.
    static let wrongCode = StatusWord(rawValue: 0x6300)
    static let wrongOffset = StatusWord(rawValue: 0x6B00)

    static func triesLeft(_ count: Int) -> StatusWord { StatusWord(rawValue: 0x63C0 | UInt16(min(max(count, 0), 15))) }
    static func bytesWaiting(_ count: Int) -> StatusWord { StatusWord(rawValue: 0x6100 | UInt16(count > 255 ? 0 : count)) }
    static func exactLength(_ count: Int) -> StatusWord { StatusWord(rawValue: 0x6C00 | UInt16(count > 255 ? 0 : count)) }

    var bytes: [UInt8] { [high, low] }
}
