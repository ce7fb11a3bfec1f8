/// A command APDU in short form (ISO/IEC 7816-4 §5.1).
package struct CommandAPDU: Hashable, Sendable {
    package var cla: UInt8
    package let ins: UInt8
    package let p1: UInt8
    package let p2: UInt8
    /// At most 255 bytes.
    package let data: [UInt8]
    /// Number of bytes wanted, 1 to 256; `nil` when no answer data is expected.
    package let le: Int?

    package init(_ cla: UInt8, _ ins: UInt8, _ p1: UInt8, _ p2: UInt8, _ data: [UInt8] = [], le: Int? = nil) {
        self.cla = cla
        self.ins = ins
        self.p1 = p1
        self.p2 = p2
        self.data = data
        self.le = le
    }

    /// Header, Lc and data when there are any, Le when wanted (256 is written 00).
    package var bytes: [UInt8] {
        var bytes = [cla, ins, p1, p2]
        if !data.isEmpty { bytes += [UInt8(truncatingIfNeeded: data.count)] + data }
        if let le { bytes.append(UInt8(truncatingIfNeeded: le)) }
        return bytes
    }
}

/// A response APDU (ISO/IEC 7816-4 §5.1).
package struct ResponseAPDU: Hashable, Sendable {
    package var data: [UInt8]
    package let status: StatusWord

    package init(data: [UInt8] = [], status: StatusWord) {
        self.data = data
        self.status = status
    }

    /// `nil` when there are fewer than two bytes, or more than 256 and the status.
    package init?(bytes: [UInt8]) {
        guard bytes.count >= 2, bytes.count <= 258 else { return nil }
        data = Array(bytes.dropLast(2))
        status = StatusWord(rawValue: UInt16(bytes[bytes.count - 2]) << 8 | UInt16(bytes[bytes.count - 1]))
    }
}
