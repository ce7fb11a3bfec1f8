/// What the virtual reader asks of the card.
enum ReaderRequest: Hashable, Sendable {
    case powerOff
    case powerOn
    case reset
    case sendATR
    case command([UInt8])
}

/// The frames of the virtual reader (vpcd): two bytes of length, most significant first, then a payload.
///
/// A payload of one byte is a control code, any other a command.
struct ReaderFrames: Sendable {
    /// The bytes are not of this protocol.
    struct Malformed: Error, Hashable, Sendable {}

    private static let longest = 4096
    private var buffer: [UInt8] = []

    mutating func append(_ bytes: [UInt8]) { buffer += bytes }

    /// The next whole request, or `nil` until more bytes have come.
    mutating func next() throws(Malformed) -> ReaderRequest? {
        guard buffer.count >= 2 else { return nil }
        let length = Int(buffer[0]) << 8 | Int(buffer[1])
        guard (1...Self.longest).contains(length) else { throw Malformed() }
        guard buffer.count >= 2 + length else { return nil }
        let payload = Array(buffer[2..<2 + length])
        buffer.removeFirst(2 + length)
        guard length == 1 else { return .command(payload) }
        switch payload[0] {
        case 0: return .powerOff
        case 1: return .powerOn
        case 2: return .reset
        case 4: return .sendATR
        default: throw Malformed()
        }
    }

    static func frame(_ payload: [UInt8]) -> [UInt8] {
        [UInt8(truncatingIfNeeded: payload.count >> 8), UInt8(truncatingIfNeeded: payload.count)] + payload
    }
}
