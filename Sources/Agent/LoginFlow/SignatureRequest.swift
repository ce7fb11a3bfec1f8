package import Primitives

/// What a program wants to have signed: one batch, listed in whole before the PIN is given, for that one PIN.
package struct SignatureRequest: Hashable, Sendable {
    package enum Format: String, Hashable, Sendable, CaseIterable {
        /// PKCS#1 v1.5 over the document's hash.
        case raw
        /// A detached CMS signature in the form of CAdES-B.
        case cms
    }

    /// One document.
    package struct Item: Hashable, Sendable {
        /// As the person reads it, and the trace names it.
        let name: String
        let mediaType: String
        /// `nil` for a document that will be uploaded.
        let digest: [UInt8]?

        /// - Parameters:
        ///   - name: at most ``longestName`` bytes, none of them of a control character.
        ///   - mediaType: type and subtype alone (RFC 6838 §4.2).
        ///   - hash: its algorithm and its value in hexadecimal; `nil` for a document that will be uploaded.
        package init(name: String, mediaType: String, hash: (algorithm: String, value: String)?) throws(Refusal) {
            guard (1...SignatureRequest.longestName).contains(name.utf8.count), name.isPlainLine else {
                throw Self.invalid("a name has 1 to \(SignatureRequest.longestName) bytes and no control characters")
            }
            guard Self.isMediaType(mediaType) else { throw Self.invalid("\(mediaType.prefix(64)) is not a media type") }
            self.name = name
            self.mediaType = mediaType
            digest = try hash.map { algorithm, value throws(Refusal) in try Self.digest(algorithm, value) }
        }

        /// SHA-256 is what the signature keys of CPS cards sign, SHA-1 apart, which nobody should.
        private static func digest(_ algorithm: String, _ value: String) throws(Refusal) -> [UInt8] {
            guard algorithm == "sha256" else {
                throw Refusal(.hashInvalid, ["detail": .string("\(algorithm.prefix(32)) is not sha256")])
            }
            guard value.utf8.count == 64, let digest = Hex.decode(value), digest.count == 32 else {
                throw Refusal(.hashInvalid, ["detail": "a SHA-256 has 64 hexadecimal digits"])
            }
            return digest
        }

        private static func isMediaType(_ text: String) -> Bool {
            let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            return parts.count == 2
                && parts.allSatisfy { part in
                    (1...127).contains(part.count)
                        && part.allSatisfy { byte in
                            switch byte {
                            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                            default: "!#$&-^_.+".utf8.contains(byte)
                            }
                        }
                }
        }

        private static func invalid(_ detail: String) -> Refusal { Refusal(.invalidRequest, ["detail": .string(detail)]) }
    }

    let items: [Item]
    let formats: [Format]
    /// Whether each signature is to be stamped by the time-stamping authority.
    let isStamped: Bool

    /// In bytes.
    package static let longestName = 200
    /// Signatures that the card makes for one PIN: items, times formats.
    package static let mostSignatures = 32
    /// In bytes.
    package static let longestDocument = 16 << 20

    package init(items: [Item], formats: [Format], isStamped: Bool = false) throws(Refusal) {
        guard !items.isEmpty, !formats.isEmpty, Set(formats).count == formats.count else {
            throw Refusal(.invalidRequest, ["detail": "a batch has items, and formats that are named once"])
        }
        guard items.count * formats.count <= Self.mostSignatures else {
            throw Refusal(.batchTooLarge, ["detail": .string("a batch has at most \(Self.mostSignatures) signatures")])
        }
        self.items = items
        self.formats = formats
        self.isStamped = isStamped
    }
}

/// What came of a document that was uploaded; the document itself is not kept.
package struct DocumentDigest: Hashable, Sendable {
    /// SHA-256.
    let digest: [UInt8]
    let size: Int

    package init(sha256 digest: [UInt8], size: Int) {
        self.digest = digest
        self.size = size
    }
}
