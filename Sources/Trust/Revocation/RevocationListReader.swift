internal import OpenSSL
internal import Primitives

/// Reads a list from a file as a stream: what is kept of each entry is 24 bytes.
struct RevocationListReader {
    /// Largest file, and most entries.
    static let largestFile = 268_435_456
    static let mostEntries = 4_000_000

    private let reader: BlockReader

    /// - Parameter copy: gets all bytes of a list that is read to its end.
    static func read(path: String, copy: ListCopy? = nil) throws(RevocationListError) -> RevocationList {
        let reader = RevocationListReader(reader: try BlockReader(path: path, largest: largestFile, copy: copy))
        return try reader.list()
    }

    private func list() throws(RevocationListError) -> RevocationList {
        let whole = try header(Tag.sequence, "list")
        guard reader.position + whole == reader.size else { throw .malformed("its length is not the file's") }
        reader.record()
        let content = try header(Tag.sequence, "content")
        let contentEnd = reader.position + content
        guard contentEnd < reader.size else { throw .malformed("length of the content") }
        if try tag() == Tag.integer { _ = try element(Tag.integer, atMost: 8, "version") }
        let algorithm = try element(Tag.sequence, atMost: 64, "signature algorithm")
        guard let digestAlgorithm = Self.digest(algorithm) else { throw .weakSignature }
        try reader.hash(by: digestAlgorithm)
        let issuer = try element(Tag.sequence, atMost: 4096, "issuer")
        let thisUpdate = try time("time of issue")
        var nextUpdate: Timestamp?
        if reader.position < contentEnd, Self.isTime(try tag()) { nextUpdate = try time("time of the next list") }
        var revoked = SerialIndex(capacity: 0)
        if reader.position < contentEnd, try tag() == Tag.sequence { revoked = try entries(before: contentEnd) }
        var extensions = ListExtensions()
        if reader.position < contentEnd {
            extensions = try ListExtensions(try body(Tag.extensions, atMost: 65_536, "extensions")[...])
        }
        guard reader.position == contentEnd else { throw .malformed("content") }
        let digest = try reader.finishHash()
        guard try element(Tag.sequence, atMost: 64, "signature algorithm") == algorithm else { throw .malformed("two algorithms") }
        let signature = try body(Tag.bitString, atMost: 2048, "signature")
        guard signature.first == 0, reader.position == reader.size else { throw .malformed("signature") }
        return RevocationList(
            issuer: issuer, thisUpdate: thisUpdate, nextUpdate: nextUpdate, number: extensions.number,
            authorityKey: extensions.authorityKey, revoked: revoked, digest: digest, digestAlgorithm: digestAlgorithm,
            signature: Array(signature.dropFirst()))
    }

    private func entries(before contentEnd: Int) throws(RevocationListError) -> SerialIndex {
        let length = try header(Tag.sequence, "entries")
        let end = reader.position + length
        guard end <= contentEnd else { throw .malformed("length of the entries") }
        // The shortest entry has 20 bytes; what is set aside too much is memory that is never touched.
        var index = SerialIndex(capacity: min(length / 20, Self.mostEntries))
        while reader.position < end {
            guard index.count < Self.mostEntries else { throw .tooLarge }
            let (length, head) = try size(Tag.sequence, "entry")
            guard length <= 4096 else { throw .malformed("entry") }
            var fields = DERCursor(try reader.peek(head + length).dropFirst(head))
            try append(&fields, to: &index)
            try reader.skip(head + length)
        }
        guard reader.position == end else { throw .malformed("entries") }
        index.sort()
        return index
    }

    private func append(_ fields: inout DERCursor, to index: inout SerialIndex) throws(RevocationListError) {
        guard let serial = fields.next(Tag.integer)?.drop(while: { $0 == 0 }), serial.count <= SerialIndex.longestSerial,
            let time = fields.next(), let revokedAt = Self.timestamp(time)
        else { throw .malformed("entry") }
        var reason = RevocationReason.unspecified
        if let list = fields.next(Tag.sequence) { reason = try Self.reason(list) }
        guard fields.isAtEnd else { throw .malformed("entry") }
        index.append(serial: serial, revokedAt: revokedAt, reason: reason)
    }

    private static func reason(_ list: ArraySlice<UInt8>) throws(RevocationListError) -> RevocationReason {
        var reason = RevocationReason.unspecified
        var extensions = DERCursor(list)
        while !extensions.isAtEnd {
            guard let (type, isCritical, value) = extensions.nextExtension() else { throw .malformed("entry") }
            var inner = DERCursor(value)
            if type == [0x55, 0x1D, 0x15] {
                reason = inner.next(Tag.enumerated)?.first.flatMap(RevocationReason.init) ?? .unspecified
            } else if isCritical {
                // The certificate issuer of an indirect list, for one.
                throw .unsupported("an entry has a critical extension")
            }
        }
        return reason
    }

    // MARK: Elements

    private func tag() throws(RevocationListError) -> UInt8 { try reader.peek(1).first ?? 0 }

    /// Length of the content of the next element, and of the bytes before it, which stay to be taken.
    private func size(_ tag: UInt8, _ what: String) throws(RevocationListError) -> (content: Int, header: Int) {
        let start = Array(try reader.peek(2))
        guard start[0] == tag else { throw .malformed(what) }
        guard start[1] >= 0x80 else { return (Int(start[1]), 2) }
        let count = Int(start[1] & 0x7F)
        guard (1...4).contains(count) else { throw .malformed(what) }
        let length = try reader.peek(2 + count).dropFirst(2).reduce(0) { $0 << 8 | Int($1) }
        return (length, 2 + count)
    }

    private func header(_ tag: UInt8, _ what: String) throws(RevocationListError) -> Int {
        let (content, header) = try size(tag, what)
        try reader.skip(header)
        return content
    }

    /// A whole element, its header included.
    private func element(_ tag: UInt8, atMost limit: Int, _ what: String) throws(RevocationListError) -> [UInt8] {
        let (content, header) = try size(tag, what)
        guard content <= limit else { throw .malformed(what) }
        return try reader.take(header + content)
    }

    private func body(_ tag: UInt8, atMost limit: Int, _ what: String) throws(RevocationListError) -> [UInt8] {
        let content = try header(tag, what)
        guard content <= limit else { throw .malformed(what) }
        return try reader.take(content)
    }

    private func time(_ what: String) throws(RevocationListError) -> Timestamp {
        let tag = try tag()
        guard Self.isTime(tag) else { throw .malformed(what) }
        let content = try body(tag, atMost: 32, what)
        guard let time = Self.timestamp(DERCursor.Element(tag: tag, content: content[...])) else { throw .malformed(what) }
        return time
    }

    private static func isTime(_ tag: UInt8) -> Bool { tag == Tag.utcTime || tag == Tag.generalizedTime }

    /// `YYMMDDhhmmssZ`, years 1950 to 2049, or `YYYYMMDDhhmmssZ` (RFC 5280 §5.1.2.4).
    private static func timestamp(_ element: DERCursor.Element) -> Timestamp? {
        let isShort = element.tag == Tag.utcTime
        guard isTime(element.tag), element.content.count == (isShort ? 13 : 15), element.content.last == 0x5A else { return nil }
        var fields: [Int64] = []
        var digits = element.content.dropLast()
        func number(_ count: Int) -> Int64? {
            var value: Int64 = 0
            for byte in digits.prefix(count) {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - 0x30)
            }
            digits = digits.dropFirst(count)
            return value
        }
        guard var year = number(isShort ? 2 : 4) else { return nil }
        if isShort { year += year < 50 ? 2000 : 1900 }
        for _ in 0..<5 {
            guard let value = number(2) else { return nil }
            fields.append(value)
        }
        return Timestamp(year: year, month: fields[0], day: fields[1], hour: fields[2], minute: fields[3], second: fields[4])
    }

    /// The digest of a signature algorithm that is accepted: RSA by PKCS#1 v1.5 or ECDSA, with SHA-256 or longer (RFC 8017, RFC 5758).
    private static func digest(_ algorithm: [UInt8]) -> StreamedDigest.Algorithm? {
        var outer = DERCursor(algorithm[...])
        guard let content = outer.next(Tag.sequence) else { return nil }
        var parts = DERCursor(content)
        guard let type = parts.next(Tag.objectIdentifier), let last = type.last else { return nil }
        let rsa: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01]
        let ecdsa: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03]
        switch (Array(type.dropLast()), last) {
        case (rsa, 11), (ecdsa, 2): return .sha256
        case (rsa, 12), (ecdsa, 3): return .sha384
        case (rsa, 13), (ecdsa, 4): return .sha512
        default: return nil
        }
    }
}
