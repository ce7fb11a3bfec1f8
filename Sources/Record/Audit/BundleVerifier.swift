internal import Primitives

/// What an export was shown to be.
package struct BundleReport: Hashable, Sendable {
    package let checkpoint: Checkpoint
    /// The leaves that were checked, both included.
    package let range: ClosedRange<UInt64>
    /// The name of the key that signed the checkpoint.
    package let keyName: String
    /// The key came from the export itself: who made the export may have made the key.
    package let isSelfAsserted: Bool
}

/// Checks an export folder without the agent, in flat memory: every leaf, the tree over them and the signature on its root.
package struct BundleVerifier: Sendable {
    private static let progressInterval: UInt64 = 16_384

    private let folder: String
    private let key: NoteVerifier?

    /// - Parameter key: the key the reader knows the log by; without it the key inside the export is used.
    package init(folder: String, key: NoteVerifier?) {
        self.folder = folder
        self.key = key
    }

    /// - Parameter progress: is told now and then how many of how many leaves are done.
    package func verify(progress: (_ done: UInt64, _ of: UInt64) -> Void = { _, _ in }) throws(BundleError) -> BundleReport {
        let manifest = try BundleManifest(try contents(BundleFile.manifest, limit: BundleManifest.byteLimit))
        let key = if let known = self.key { known } else { try ownKey() }
        let checkpoint = try checkpoint(key)
        guard checkpoint.size == manifest.size, checkpoint.root == manifest.root else { throw .checkpointDisagrees }
        guard var tree = MerkleFrontier(size: manifest.range.lowerBound, peaks: manifest.before) else { throw .malformedManifest }
        try append(manifest.range, to: &tree, progress)
        let rest = completeNodes(covering: manifest.range.upperBound + 1..<manifest.size)
        for (node, hash) in zip(rest, manifest.after) {
            guard tree.append(subtree: hash, level: node.level) else { throw .malformedManifest }
        }
        guard tree.root == checkpoint.root else {
            throw .rootMismatch(first: manifest.range.lowerBound, last: manifest.range.upperBound)
        }
        return BundleReport(checkpoint: checkpoint, range: manifest.range, keyName: key.name, isSelfAsserted: self.key == nil)
    }

    private func append(
        _ range: ClosedRange<UInt64>, to tree: inout MerkleFrontier, _ progress: (UInt64, UInt64) -> Void
    ) throws(BundleError) {
        var lines: LineReader
        do { lines = try LineReader("\(folder)/\(BundleFile.entries)") } catch { throw .file(error) }
        let total = range.upperBound - range.lowerBound + 1
        for sequence in range {
            let leaf = try Self.entry(sequence) { () throws(LineReader.Failure) in
                try lines.next { line throws(TraceFault) in
                    guard try TraceScanner.sequence(of: line) == sequence else { throw .wrongSequence }
                    return MerkleHash.leaf(line)
                }
            }
            guard let leaf else { throw .missing(sequence: sequence) }
            tree.append(leaf)
            let done = sequence - range.lowerBound + 1
            if done % Self.progressInterval == 0 || done == total { progress(done, total) }
        }
        let excess = try Self.entry(range.upperBound + 1) { () throws(LineReader.Failure) in try lines.next { _ in true } }
        guard excess == nil else { throw .excess(after: range.upperBound) }
    }

    private static func entry<Result>(
        _ sequence: UInt64, _ read: () throws(LineReader.Failure) -> Result
    ) throws(BundleError) -> Result {
        do throws(LineReader.Failure) {
            return try read()
        } catch {
            switch error {
            case .file(let error): throw .file(error)
            case .line(let fault): throw .entry(sequence: sequence, fault)
            }
        }
    }

    private func checkpoint(_ key: NoteVerifier) throws(BundleError) -> Checkpoint {
        let note = try contents(BundleFile.checkpoint, limit: SignedNote.byteLimit)
        do { return try Checkpoint(note: note, verifiedBy: [key]) } catch { throw .note(error) }
    }

    private func ownKey() throws(BundleError) -> NoteVerifier {
        let bytes = try contents(BundleFile.key, limit: 4096)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .note(.malformedKey) }
        do { return try NoteVerifier(vkey: text.hasSuffix("\n") ? String(text.dropLast()) : text) } catch { throw .note(error) }
    }

    private func contents(_ name: String, limit: Int) throws(BundleError) -> [UInt8] {
        do { return try PlainFile.contents("\(folder)/\(name)", limit: limit) } catch { throw .file(error) }
    }
}
