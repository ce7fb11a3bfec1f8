internal import Primitives

/// Signed checkpoints that were kept outside the log: a file of one note, or of many one after the other.
package struct KeptCheckpoints: Hashable, Sendable {
    /// By size; may be none when there are ``foreign`` ones.
    package private(set) var checkpoints: [Checkpoint] = []
    /// Unsigned as far as these keys can tell: the largest of each origin.
    package private(set) var foreign: [Checkpoint] = []
    /// The note of the largest.
    package private(set) var newest = ""
    private var largest: UInt64 = 0
    private var fault: NoteError?

    /// Reads a file of any size. What a crash left between two notes is passed over; notes of other keys are too.
    ///
    /// - Throws: ``NoteError/badSignature(name:)`` when no known key signed any of it because a signature of one is wrong.
    package init(path: String, keys: [NoteVerifier]) throws(BundleError) {
        var lines: LineReader
        do { lines = try LineReader(path) } catch { throw .file(error) }
        var notes = NoteLines()
        while let line = try Self.next(&lines) {
            if let note = notes.take(line) { take(note, keys) }
        }
        if let note = notes.end() { take(note, keys) }
        if let fault, checkpoints.isEmpty { throw .note(fault) }
        checkpoints.sort { $0.size < $1.size }
    }

    /// A last line without its end is what a crash leaves: as if it were not there.
    private static func next(_ lines: inout LineReader) throws(BundleError) -> String? {
        do throws(LineReader.Failure) {
            return try lines.next { String(decoding: $0, as: UTF8.self) }
        } catch {
            switch error {
            case .file(let error): throw .file(error)
            case .line(.cutShort): return nil
            case .line: throw .note(.malformedNote)
            }
        }
    }

    private mutating func take(_ note: String, _ keys: [NoteVerifier]) {
        do throws(NoteError) {
            let checkpoint = try Checkpoint(note: Array(note.utf8), verifiedBy: keys)
            checkpoints.append(checkpoint)
            guard checkpoint.size >= largest else { return }
            (newest, largest) = (note, checkpoint.size)
        } catch {
            if case .badSignature = error { fault = error }
            if case .notSigned = error { takeForeign(note) }
        }
    }

    /// Anybody may have written it; bounded, since origins are many when somebody wants them to be.
    private mutating func takeForeign(_ note: String) {
        do throws(NoteError) {
            let checkpoint = try Checkpoint(text: try SignedNote(note).text)
            guard let known = foreign.firstIndex(where: { $0.origin == checkpoint.origin }) else {
                if foreign.count < Self.mostForeign { foreign.append(checkpoint) }
                return
            }
            if checkpoint.size > foreign[known].size { foreign[known] = checkpoint }
        } catch {
            // Not a checkpoint: passed over as what a crash left is.
            return
        }
    }

    private static let mostForeign = 64
}

/// Finds the notes of checkpoints in lines that come one by one: three lines, an empty one, and signatures.
private struct NoteLines {
    private static let textLines = 3

    private var text: [String] = []
    private var isAfterBlank = false
    private var signatures: [String] = []

    /// The note that this line shows to be over.
    mutating func take(_ line: String) -> String? {
        if line.hasPrefix("\u{2014} ") {
            if isAfterBlank, text.count == Self.textLines { signatures.append(line) }
            return nil
        }
        let note = end()
        if line.isEmpty {
            isAfterBlank = true
        } else {
            if isAfterBlank || text.count == Self.textLines { text = isAfterBlank ? [] : Array(text.dropFirst()) }
            isAfterBlank = false
            text.append(line)
        }
        return note
    }

    mutating func end() -> String? {
        guard !signatures.isEmpty else { return nil }
        defer { self = NoteLines() }
        return (text + [""] + signatures).map { $0 + "\n" }.joined()
    }
}
