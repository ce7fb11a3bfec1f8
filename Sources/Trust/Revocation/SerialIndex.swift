package import Primitives

/// The revoked serial numbers of one list, 24 bytes each, sorted: a million of them are found by twenty comparisons.
package struct SerialIndex: Sendable {
    /// When a certificate was revoked, to the minute, and why.
    package struct Entry: Hashable, Sendable {
        package let revokedAt: Timestamp
        package let reason: RevocationReason
    }

    private struct Key: Comparable, Sendable {
        let high: UInt64
        let middle: UInt64
        let low: UInt32
        /// Minutes since 1970 in the upper 28 bits, the reason code in the lower four.
        let fact: UInt32

        static func < (left: Key, right: Key) -> Bool { (left.high, left.middle, left.low) < (right.high, right.middle, right.low) }
        static func == (left: Key, right: Key) -> Bool { (left.high, left.middle, left.low) == (right.high, right.middle, right.low) }
    }

    /// Longest serial number, in bytes (RFC 5280 §4.1.2.2).
    static let longestSerial = 20

    private var keys: [Key] = []
    private var isSorted = true

    package var count: Int { keys.count }

    init(capacity: Int) { keys.reserveCapacity(capacity) }

    /// - Parameter serial: big-endian, at most ``longestSerial`` bytes.
    mutating func append(serial: some Collection<UInt8>, revokedAt: Timestamp, reason: RevocationReason) {
        let minutes = UInt32(clamping: max(0, revokedAt.seconds / 60)) & 0x0FFF_FFFF
        let key = Self.key(serial, fact: minutes << 4 | UInt32(reason.rawValue))
        if let last = keys.last, key < last { isSorted = false }
        keys.append(key)
    }

    mutating func sort() {
        if !isSorted { keys.sort() }
        isSorted = true
    }

    /// - Parameter serial: big-endian, without leading zeros.
    package func entry(of serial: [UInt8]) -> Entry? {
        guard serial.count <= Self.longestSerial else { return nil }
        let wanted = Self.key(serial, fact: 0)
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        guard low < keys.count, keys[low] == wanted else { return nil }
        let fact = keys[low].fact
        return Entry(
            revokedAt: Timestamp(seconds: Int64(fact >> 4) * 60), reason: RevocationReason(rawValue: UInt8(fact & 0xF)) ?? .unspecified)
    }

    private static func key(_ serial: some Collection<UInt8>, fact: UInt32) -> Key {
        var (high, middle, low) = (UInt64(0), UInt64(0), UInt64(0))
        for byte in serial {
            high = high << 8 | middle >> 56
            middle = middle << 8 | (low >> 24 & 0xFF)
            low = (low << 8 | UInt64(byte)) & 0xFFFF_FFFF
        }
        return Key(high: high, middle: middle, low: UInt32(low), fact: fact)
    }
}

/// CRLReason (RFC 5280 §5.3.1).
package enum RevocationReason: UInt8, Hashable, Sendable {
    case unspecified = 0
    case keyCompromise = 1
    case authorityCompromise = 2
    case affiliationChanged = 3
    case superseded = 4
    case cessationOfOperation = 5
    case certificateHold = 6
    case privilegeWithdrawn = 9
    case attributeAuthorityCompromise = 10
}
