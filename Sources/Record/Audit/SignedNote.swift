/// A text with signatures after it (C2SP signed-note), as read and not yet trusted.
package struct SignedNote: Hashable, Sendable {
    package struct Signature: Hashable, Sendable {
        package let name: String
        /// The first four bytes that the key is known by.
        package let keyID: [UInt8]
        package let bytes: [UInt8]
    }

    /// The longest note that is read, in bytes, and the most signatures it may have.
    package static let byteLimit = 65_536
    package static let signatureLimit = 64

    /// What was signed, its last newline included.
    package let text: String
    package let signatures: [Signature]

    package init(_ bytes: [UInt8]) throws(NoteError) {
        guard bytes.count <= Self.byteLimit, let note = String(validating: bytes, as: UTF8.self) else { throw .malformedNote }
        try self.init(note)
    }

    package init(_ note: String) throws(NoteError) {
        let bytes = Array(note.utf8)
        guard bytes.count <= Self.byteLimit, bytes.last == UInt8(ascii: "\n"), NoteText.isPlain(note) else { throw .malformedNote }
        let newline = UInt8(ascii: "\n")
        guard let blank = bytes.indices.dropFirst().last(where: { bytes[$0] == newline && bytes[$0 - 1] == newline }) else {
            throw .malformedNote
        }
        text = String(decoding: bytes[..<blank], as: UTF8.self)
        let lines = bytes[(blank + 1)...].dropLast().split(separator: newline, omittingEmptySubsequences: false)
        guard (1...Self.signatureLimit).contains(lines.count) else { throw .malformedNote }
        var signatures: [Signature] = []
        for line in lines { signatures.append(try Self.signature(String(decoding: line, as: UTF8.self))) }
        self.signatures = signatures
    }

    private static func signature(_ line: String) throws(NoteError) -> Signature {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "\u{2014}", NoteText.isName(parts[1]),
            let value = StandardBase64.decode(parts[2]), value.count > 4
        else { throw .malformedNote }
        return Signature(name: String(parts[1]), keyID: Array(value[..<4]), bytes: Array(value[4...]))
    }

    /// The text, once at least one of the known keys signed it.
    ///
    /// Signatures of unknown keys are ignored; a wrong one of a known key refuses the note.
    package func text(verifiedBy keys: [NoteVerifier]) throws(NoteError) -> String {
        var verified = false
        for signature in signatures {
            for key in keys where key.name == signature.name && key.keyID == signature.keyID {
                guard key.verifies(signature.bytes, text: text) else { throw .badSignature(name: key.name) }
                verified = true
            }
        }
        guard verified else { throw .notSigned }
        return text
    }
}

/// The rules for characters in notes and key names (C2SP signed-note).
enum NoteText {
    static func isName(_ name: some StringProtocol) -> Bool {
        !name.isEmpty && name.utf8.count <= 255
            && name.unicodeScalars.allSatisfy { $0 != "+" && $0.value >= 0x20 && !$0.properties.isWhitespace }
    }

    /// No control character of ASCII but newline.
    static func isPlain(_ text: some StringProtocol) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 || $0 == UInt8(ascii: "\n") } }

    /// Whether this may be signed.
    static func isSignable(_ text: String) -> Bool { text.hasSuffix("\n") && isPlain(text) }
}
