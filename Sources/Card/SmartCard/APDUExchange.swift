package import Primitives

/// Commands and answers over a channel, by the rules of the protocol in use.
///
/// Under T=0 a command with data travels without Le and its answer is fetched (ISO/IEC 7816-3 §12.2); `61xx` and `6Cxx` are followed
/// under both protocols; data beyond 255 bytes is chained (ISO/IEC 7816-4 §5.3.3). What a hostile card can ask for is bounded.
package struct APDUExchange {
    package let channel: any CardChannel
    /// Most bytes the card gives in one GET RESPONSE.
    private let longestPiece: Int

    package init(_ channel: any CardChannel, longestPiece: Int = 256) {
        self.channel = channel
        self.longestPiece = longestPiece
    }

    /// Longest answer that is put together, and most GET RESPONSE commands for one.
    private static let longestAnswer = 65_536
    private static let mostPieces = 300

    package func send(_ command: CommandAPDU) throws(CardError) -> ResponseAPDU {
        let response = try exchange(bytes(of: command))
        guard response.status.high == 0x6C, carriesLe(command) else { return try complete(response, cla: command.cla) }
        // Wrong Le: the card names the right one, once (ISO/IEC 7816-4 §5.6).
        let length = response.status.low == 0 ? 256 : Int(response.status.low)
        let again = CommandAPDU(command.cla, command.ins, command.p1, command.p2, command.data, le: length)
        return try complete(try exchange(bytes(of: again)), cla: command.cla)
    }

    /// Sends a command that holds a secret and expects no data.
    package func send(_ command: borrowing Secret) throws(CardError) -> StatusWord {
        let answer = try command.withBytes { bytes throws(CardError) in try channel.transmit(bytes) }
        return try Self.response(answer).status
    }

    /// Sends `data` in pieces of at most 255 bytes with the chaining bit set on all but the last.
    package func sendChained(_ cla: UInt8, _ ins: UInt8, _ p1: UInt8, _ p2: UInt8, _ data: [UInt8], le: Int?) throws(CardError)
        -> ResponseAPDU
    {
        var rest = data[...]
        while rest.count > 255 {
            let response = try send(CommandAPDU(cla | 0x10, ins, p1, p2, Array(rest.prefix(255))))
            guard response.status == .ok else { return response }
            rest = rest.dropFirst(255)
        }
        return try send(CommandAPDU(cla, ins, p1, p2, Array(rest), le: le))
    }

    private func bytes(of command: CommandAPDU) -> [UInt8] {
        guard channel.transmissionProtocol == .t0 else { return command.bytes }
        if !command.data.isEmpty { return CommandAPDU(command.cla, command.ins, command.p1, command.p2, command.data).bytes }
        // Case 1 travels with a fifth byte of zero.
        return command.le == nil ? command.bytes + [0] : command.bytes
    }

    /// Only then can a wrong Le be put right; to send anything else again would be to do it twice.
    private func carriesLe(_ command: CommandAPDU) -> Bool {
        command.le != nil && (command.data.isEmpty || channel.transmissionProtocol == .t1)
    }

    private func exchange(_ command: [UInt8]) throws(CardError) -> ResponseAPDU {
        let result: Result<[UInt8], CardError> = command.withUnsafeBytes { bytes in
            do throws(CardError) { return .success(try channel.transmit(bytes)) } catch { return .failure(error) }
        }
        return try Self.response(try result.get())
    }

    /// Some drivers report success with no answer at all when the card leaves under a command.
    private static func response(_ answer: [UInt8]) throws(CardError) -> ResponseAPDU {
        guard !answer.isEmpty else { throw .cardMute }
        guard let response = ResponseAPDU(bytes: answer) else { throw .answerMalformed }
        return response
    }

    /// Fetches what `61xx` announces.
    private func complete(_ first: ResponseAPDU, cla: UInt8) throws(CardError) -> ResponseAPDU {
        var data = first.data
        var status = first.status
        var pieces = 0
        while status.high == 0x61 {
            pieces += 1
            guard pieces <= Self.mostPieces, data.count <= Self.longestAnswer else { throw .answerEndless }
            // A card may announce more than it gives at once; what it names as left is asked for again.
            let length = min(status.low == 0 ? 256 : Int(status.low), longestPiece)
            var piece = try exchange(CommandAPDU(cla & 0xEF, 0xC0, 0, 0, le: length).bytes)
            if piece.status.high == 0x6C {
                let exact = piece.status.low == 0 ? 256 : Int(piece.status.low)
                piece = try exchange(CommandAPDU(cla & 0xEF, 0xC0, 0, 0, le: exact).bytes)
            }
            guard !piece.data.isEmpty || piece.status.high != 0x61 else { throw .answerEndless }
            data += piece.data
            status = piece.status
        }
        return ResponseAPDU(data: data, status: status)
    }
}
