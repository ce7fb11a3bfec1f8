/// A key vouches for the one that follows it: a note of two lines that is no checkpoint.
package enum KeyEndorsement {
    private static let heading = "cps-agent/log-key/v1"

    static func text(_ key: NoteVerifier) -> String { "\(heading)\n\(key.vkey)\n" }

    /// The key that one of the known keys vouches for.
    package static func key(in note: String, verifiedBy keys: [NoteVerifier]) throws(NoteError) -> NoteVerifier {
        let lines = try SignedNote(note).text(verifiedBy: keys).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 3, lines[0] == heading, lines[2].isEmpty else { throw .malformedKey }
        return try NoteVerifier(vkey: String(lines[1]))
    }

    /// The known keys, and all that follow from them. What does not follow is passed over.
    ///
    /// - Parameter endorsements: oldest first.
    package static func chain(from known: [NoteVerifier], _ endorsements: [String]) -> [NoteVerifier] {
        var keys = known
        for note in endorsements {
            guard let key = try? key(in: note, verifiedBy: keys), !keys.contains(key) else { continue }
            keys.append(key)
        }
        return keys
    }
}

extension NoteSigner {
    /// A note in which this key vouches for another.
    package func endorse(_ key: NoteVerifier) throws(NoteError) -> String { try note(KeyEndorsement.text(key)) }

    /// The same key under another name.
    package func named(_ name: String) throws(NoteError) -> NoteSigner { try NoteSigner(name: name, seed: seed) }

    /// The note with a signature of this key after those that are there.
    package func cosign(_ note: String) throws(NoteError) -> String {
        let own = try self.note(try SignedNote(note).text)
        guard let line = own.split(separator: "\n").last else { throw .malformedNote }
        return "\(note)\(line)\n"
    }
}
