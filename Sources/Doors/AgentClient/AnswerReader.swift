import Primitives

/// Reads one answer from a connection: its head, then its body piece by piece.
struct AnswerReader: ~Copyable {
    let connection: UnixConnection
    private var buffer: [UInt8] = []
    private var start = 0
    private var framing = AnswerHead.Framing.none
    /// Bytes left of the body, or of the chunk under way.
    private var left = 0
    private var isOver = false
    /// The end of a line that follows a chunk (RFC 9112 §7.1) is not read yet.
    private var owesEnd = false

    private static let block = 65_536
    private static let chunkLineLimit = 256

    init(_ connection: consuming UnixConnection) { self.connection = connection }

    mutating func head(by deadline: Deadline) throws(ExchangeFailure) -> AnswerHead {
        var lines: [UInt8] = []
        while true {
            let line = try line(limit: AnswerHead.byteLimit, by: deadline)
            if line.isEmpty { break }
            if !lines.isEmpty { lines.append(0x0A) }
            lines += line
            guard lines.count <= AnswerHead.byteLimit else { throw .tooLarge(limit: AnswerHead.byteLimit) }
        }
        let head = try AnswerHead(lines)
        framing = head.framing
        switch head.framing {
        case .none: isOver = true
        case .length(let count):
            left = count
            isOver = count == 0
        case .chunked: break
        }
        return head
    }

    /// The next bytes of the body, in pieces as they come; `nil` after the last.
    mutating func next(by deadline: Deadline) throws(ExchangeFailure) -> [UInt8]? {
        if isOver { return nil }
        if framing == .chunked, left == 0 {
            try beginChunk(by: deadline)
            if isOver { return nil }
        }
        if start == buffer.count { try fill(by: deadline) }
        let end = min(start + left, buffer.count)
        let piece = Array(buffer[start..<end])
        left -= piece.count
        start = end
        if left == 0 {
            if framing == .chunked { owesEnd = true } else { isOver = true }
        }
        return piece
    }

    /// Whether more of the body, or its end, comes before the deadline. Only what a chunk owes is read.
    mutating func hasMore(by deadline: Deadline) throws(ExchangeFailure) -> Bool {
        if isOver { return true }
        if owesEnd, buffer.count - start >= 2 { try endChunk(by: deadline) }
        if start < buffer.count { return true }
        return try connection.isReadable(by: deadline)
    }

    /// The whole body, of at most `limit` bytes.
    mutating func body(limit: Int, by deadline: Deadline) throws(ExchangeFailure) -> [UInt8] {
        if case .length(let count) = framing, count > limit { throw .tooLarge(limit: limit) }
        var bytes: [UInt8] = []
        while let piece = try next(by: deadline) {
            bytes += piece
            guard bytes.count <= limit else { throw .tooLarge(limit: limit) }
        }
        return bytes
    }

    /// The line that tells a chunk's size (RFC 9112 §7.1); after the last chunk the trailer is passed over.
    private mutating func beginChunk(by deadline: Deadline) throws(ExchangeFailure) {
        if owesEnd { try endChunk(by: deadline) }
        let digits = try line(limit: Self.chunkLineLimit, by: deadline).prefix { $0 != UInt8(ascii: ";") }
        guard (1...8).contains(digits.count), let text = String(validating: digits, as: UTF8.self), !text.hasPrefix("+"),
            !text.hasPrefix("-"), let count = Int(text, radix: 16)
        else { throw .malformed("size of a chunk") }
        left = count
        guard count == 0 else { return }
        var trailer = 0
        while true {
            let line = try line(limit: AnswerHead.byteLimit, by: deadline)
            trailer += line.count
            if line.isEmpty { break }
            guard trailer <= AnswerHead.byteLimit else { throw .tooLarge(limit: AnswerHead.byteLimit) }
        }
        isOver = true
    }

    private mutating func endChunk(by deadline: Deadline) throws(ExchangeFailure) {
        guard try line(limit: Self.chunkLineLimit, by: deadline).isEmpty else { throw .malformed("end of a chunk") }
        owesEnd = false
    }

    /// A line, its end left out.
    private mutating func line(limit: Int, by deadline: Deadline) throws(ExchangeFailure) -> [UInt8] {
        var line: [UInt8] = []
        while true {
            if start == buffer.count { try fill(by: deadline) }
            if let end = buffer[start...].firstIndex(of: 0x0A) {
                line += buffer[start..<end]
                start = end + 1
                guard line.last == 0x0D else { throw .malformed("end of a line") }
                line.removeLast()
                guard line.count <= limit else { throw .tooLarge(limit: limit) }
                return line
            }
            line += buffer[start...]
            start = buffer.count
            guard line.count <= limit else { throw .tooLarge(limit: limit) }
        }
    }

    /// Reads at least a byte; the end of the connection has no place here.
    private mutating func fill(by deadline: Deadline) throws(ExchangeFailure) {
        var block = [UInt8](repeating: 0, count: Self.block)
        var room = block.mutableSpan
        var bytes = room.mutableBytes
        let count = try bytes.withUnsafeMutableBytes { bytes throws(ExchangeFailure) in try connection.read(into: bytes, by: deadline) }
        guard count > 0 else { throw .closedEarly }
        block.removeSubrange(count...)
        buffer = block
        start = 0
    }
}
