import Primitives

/// Reads a line straight into memory that is wiped.
enum SecretLine {
    /// - Parameters:
    ///   - endIsLine: whether the end of input ends a line that has begun; on a terminal it means that the person gives up.
    ///   - next: writes the next byte; false at the end of input.
    /// - Returns: the line without its end (a newline, a carriage return before it too); `nil` when there is none.
    static func read(
        limit: Int, endIsLine: Bool, _ next: (UnsafeMutableRawPointer) throws(ConsoleFailure) -> Bool
    ) throws(ConsoleFailure) -> Secret? {
        var outcome = Result<Int?, ConsoleFailure>.success(nil)
        let room = Secret(count: limit + 1) { bytes in
            outcome = Result { () throws(ConsoleFailure) in try fill(bytes, endIsLine, next) }
        }
        guard let count = try outcome.get() else { return nil }
        return room.withBytes { bytes in Secret(copying: UnsafeRawBufferPointer(rebasing: bytes[..<count])) }
    }

    private static func fill(
        _ bytes: UnsafeMutableRawBufferPointer, _ endIsLine: Bool, _ next: (UnsafeMutableRawPointer) throws(ConsoleFailure) -> Bool
    ) throws(ConsoleFailure) -> Int? {
        guard let start = bytes.baseAddress else { return nil }
        for count in 0..<bytes.count {
            guard try next(start + count) else { return endIsLine && count > 0 ? count : nil }
            guard bytes[count] == 0x0A else { continue }
            return count > 0 && bytes[count - 1] == 0x0D ? count - 1 : count
        }
        throw ConsoleFailure(
            reason: Text("la ligne dépasse \(bytes.count - 1) octets", "the line has more than \(bytes.count - 1) bytes"))
    }
}
