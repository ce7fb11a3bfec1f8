/// The head of a log at one moment, as it is signed and handed to witnesses (C2SP tlog-checkpoint).
package struct Checkpoint: Hashable, Sendable {
    /// The name of the log.
    package let origin: String
    /// How many leaves.
    package let size: UInt64
    package let root: MerkleHash

    package init(origin: String, size: UInt64, root: MerkleHash) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// The text of a note. Lines after the third are extensions: they are signed but not read.
    package init(text: String) throws(NoteError) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 4, lines.last == "", !lines.dropLast().contains(""), let size = UInt64(lines[1]), String(size) == lines[1],
            let root = MerkleHash(base64: lines[2])
        else { throw .malformedCheckpoint }
        self.init(origin: String(lines[0]), size: size, root: root)
    }

    /// Three lines: origin, size in decimal, root in base64.
    package var text: String { "\(origin)\n\(size)\n\(root.base64)\n" }

    /// The checkpoint in a note that one of the known keys signed.
    package init(note: [UInt8], verifiedBy keys: [NoteVerifier]) throws(NoteError) {
        try self.init(text: try SignedNote(note).text(verifiedBy: keys))
    }
}
