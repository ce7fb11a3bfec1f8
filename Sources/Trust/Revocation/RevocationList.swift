internal import OpenSSL
package import Primitives

/// One full revocation list as read, its signature not yet checked (RFC 5280 §5).
package struct RevocationList: Sendable {
    /// The issuer's name in DER.
    let issuer: [UInt8]
    package let thisUpdate: Timestamp
    /// When the next one is due at the latest; `nil` when the issuer does not say.
    package let nextUpdate: Timestamp?
    /// The list's number, big-endian without leading zeros, one byte for 0; empty when there is none.
    package let number: [UInt8]
    /// Which key of the issuer signed it; `nil` when the list does not say.
    let authorityKey: [UInt8]?
    package let revoked: SerialIndex
    let digest: [UInt8]
    let digestAlgorithm: StreamedDigest.Algorithm
    let signature: [UInt8]

    /// Whether its successor is due soon: within thirty days, or the last quarter of its own life where that is shorter.
    package func endsSoon(at time: Timestamp) -> Bool {
        guard let nextUpdate else { return false }
        let notice = min(30 * 86_400, (nextUpdate.seconds - thisUpdate.seconds) / 4)
        return nextUpdate < time.advanced(bySeconds: notice)
    }

    /// Whether `other`, of the same issuer, was issued after this one: by number, by time where one has no number.
    func isOlder(than other: RevocationList) -> Bool {
        if !number.isEmpty, !other.number.isEmpty, number != other.number {
            return (number.count, Hex.encode(number)) < (other.number.count, Hex.encode(other.number))
        }
        return thisUpdate < other.thisUpdate
    }
}

/// Which of the issuer's certificates a list speaks for (RFC 5280 §5.2): extensions of a list that are understood.
struct ListExtensions {
    private(set) var number: [UInt8] = []
    private(set) var authorityKey: [UInt8]?

    private enum Identifier {
        static let number: [UInt8] = [0x55, 0x1D, 0x14]
        static let deltaIndicator: [UInt8] = [0x55, 0x1D, 0x1B]
        static let issuingPoint: [UInt8] = [0x55, 0x1D, 0x1C]
        static let authorityKey: [UInt8] = [0x55, 0x1D, 0x23]
    }

    /// Of a list that has none.
    init() {}

    /// - Parameter content: of the `[0]` element.
    init(_ content: ArraySlice<UInt8>) throws(RevocationListError) {
        var outer = DERCursor(content)
        guard let list = outer.next(Tag.sequence), outer.isAtEnd else { throw .malformed("extensions") }
        var extensions = DERCursor(list)
        while !extensions.isAtEnd {
            guard let (type, isCritical, value) = extensions.nextExtension() else { throw .malformed("extensions") }
            try take(type, value, isCritical)
        }
    }

    private mutating func take(_ type: [UInt8], _ value: ArraySlice<UInt8>, _ isCritical: Bool) throws(RevocationListError) {
        switch type {
        case Identifier.number:
            var cursor = DERCursor(value)
            guard let bytes = cursor.next(Tag.integer), bytes.count <= 21, !(bytes.first.map { $0 & 0x80 != 0 } ?? true) else {
                throw .malformed("number")
            }
            number = Array(bytes.dropLast().drop { $0 == 0 } + bytes.suffix(1))
        case Identifier.deltaIndicator: throw .unsupported("it holds changes only")
        case Identifier.issuingPoint: try checkScope(value)
        case Identifier.authorityKey:
            var cursor = DERCursor(value)
            guard let sequence = cursor.next(Tag.sequence) else { throw .malformed("authority key") }
            var parts = DERCursor(sequence)
            authorityKey = parts.next(0x80).map(Array.init)
        default:
            if isCritical { throw .unsupported("it has an unknown critical extension") }
        }
    }

    /// The issuing distribution point (RFC 5280 §5.2.5): all reasons, the issuer's own certificates, at least those of persons.
    private func checkScope(_ value: ArraySlice<UInt8>) throws(RevocationListError) {
        var cursor = DERCursor(value)
        guard let sequence = cursor.next(Tag.sequence) else { throw .malformed("distribution point") }
        var parts = DERCursor(sequence)
        while !parts.isAtEnd {
            guard let part = parts.next() else { throw .malformed("distribution point") }
            switch part.tag {
            case 0xA0: continue
            case 0x81, 0x82, 0x84, 0x85:
                if part.content.contains(where: { $0 != 0 }) { throw .unsupported("it speaks for some certificates only") }
            default: throw .unsupported("it speaks for some reasons only")
            }
        }
    }
}
