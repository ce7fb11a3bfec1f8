import Glibc
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
    /// How many of the leaves are there by their hash alone, since their bodies were dropped.
    package let dropped: UInt64
}

/// Checks an export folder without the agent, in flat memory: every leaf, the tree over them and the signature on its root.
package struct BundleVerifier: Sendable {
    private static let mostRanges = 100_000
    private static let progressInterval: UInt64 = 16_384

    let folder: String
    private let key: NoteVerifier?
    private let kept: [Checkpoint]

    /// - Parameters:
    ///   - key: the key the reader knows the log by, or one before it; without it the key inside the export is used.
    ///   - kept: checkpoints that were kept elsewhere, by size; the export has to agree with those that end within it.
    package init(folder: String, key: NoteVerifier?, kept: [Checkpoint] = []) {
        self.folder = folder
        self.key = key
        self.kept = kept
    }

    /// The keys that this export is checked with: the known one and those that follow from it.
    package func keys() throws(BundleError) -> [NoteVerifier] {
        let manifest = try BundleManifest(try contents(BundleFile.manifest, limit: BundleManifest.byteLimit))
        return try keys(manifest)
    }

    private func keys(_ manifest: BundleManifest) throws(BundleError) -> [NoteVerifier] {
        let first = if let known = self.key { known } else { try ownKey() }
        return KeyEndorsement.chain(from: [first], manifest.endorsements)
    }

    /// - Parameters:
    ///   - progress: is told now and then how many of how many leaves are done.
    ///   - inspect: is given each trace's number, its bytes where it may hold the evidence of a login, and the tree before it.
    package func verify(
        progress: (_ done: UInt64, _ of: UInt64) -> Void = { _, _ in },
        inspect: ((_ sequence: UInt64, _ leaf: [UInt8]?, _ before: MerkleFrontier) throws(BundleError) -> Void)? = nil
    ) throws(BundleError) -> BundleReport {
        let manifest = try BundleManifest(try contents(BundleFile.manifest, limit: BundleManifest.byteLimit))
        let keys = try keys(manifest)
        let (checkpoint, name) = try checkpoint(keys)
        guard checkpoint.size == manifest.size, checkpoint.root == manifest.root else { throw .checkpointDisagrees }
        guard var tree = MerkleFrontier(size: manifest.range.lowerBound, peaks: manifest.before) else { throw .malformedManifest }
        if let longest = kept.last, longest.size > manifest.size { throw .cutShort(size: manifest.size, signed: longest.size) }
        let comparable = manifest.range.lowerBound...(manifest.range.upperBound + 1)
        guard kept.isEmpty || kept.contains(where: { comparable.contains($0.size) || $0.size == manifest.size }) else {
            throw .notComparable
        }
        var comparison = KeptComparison(try (kept + stamped(keys)).sorted { $0.size < $1.size })
        try comparison.compare(tree)
        let dropped = try append(
            manifest.range, to: &tree, isToTheEnd: manifest.range.upperBound + 1 == manifest.size, &comparison, progress, inspect)
        let rest = completeNodes(covering: manifest.range.upperBound + 1..<manifest.size)
        for (node, hash) in zip(rest, manifest.after) {
            guard tree.append(subtree: hash, level: node.level) else { throw .malformedManifest }
        }
        guard tree.root == checkpoint.root else {
            throw .rootMismatch(first: manifest.range.lowerBound, last: manifest.range.upperBound)
        }
        try comparison.compare(tree)
        return BundleReport(
            checkpoint: checkpoint, range: manifest.range, keyName: name, isSelfAsserted: self.key == nil, dropped: dropped)
    }

    private func append(
        _ range: ClosedRange<UInt64>, to tree: inout MerkleFrontier, isToTheEnd: Bool, _ comparison: inout KeptComparison,
        _ progress: (UInt64, UInt64) -> Void, _ inspect: ((UInt64, [UInt8]?, MerkleFrontier) throws(BundleError) -> Void)?
    ) throws(BundleError) -> UInt64 {
        var lines: LineReader
        do { lines = try LineReader("\(folder)/\(BundleFile.entries)") } catch { throw .file(error) }
        let total = range.upperBound - range.lowerBound + 1
        var unexplained = DroppedRanges()
        var dropped: UInt64 = 0
        for sequence in range {
            let isInspected = inspect != nil
            let read = try Self.entry(sequence) { () throws(LineReader.Failure) in
                try lines.next { line throws(TraceFault) in
                    if let body = DroppedBody(line) {
                        guard body.seq == sequence else { throw .wrongSequence }
                        guard unexplained.sequences.ranges.count < Self.mostRanges else { throw .malformed }
                        unexplained.insert(sequence)
                        dropped += 1
                        return (hash: body.hash, evidence: [UInt8]?.none)
                    }
                    let outline = try TraceScanner.outline(of: line)
                    guard outline.sequence == sequence else { throw .wrongSequence }
                    if outline.isRetention { unexplained.remove(DroppedRanges.told(by: line)) }
                    return (hash: MerkleHash.leaf(line), evidence: isInspected && Self.mayHoldEvidence(line) ? Array(line) : nil)
                }
            }
            guard let read else { throw .missing(sequence: sequence) }
            try inspect?(sequence, read.evidence, tree)
            tree.append(read.hash)
            try comparison.compare(tree)
            let done = sequence - range.lowerBound + 1
            if done % Self.progressInterval == 0 || done == total { progress(done, total) }
        }
        let excess = try Self.entry(range.upperBound + 1) { () throws(LineReader.Failure) in try lines.next { _ in true } }
        guard excess == nil else { throw .excess(after: range.upperBound) }
        // Whatever dropped them told so later; an export that goes on to the end holds that too.
        if isToTheEnd, let first = unexplained.sequences.ranges.first { throw .missing(sequence: first.lowerBound) }
        return dropped
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

    /// Whether the line has the name of the event somewhere.
    private static func mayHoldEvidence(_ line: UnsafeRawBufferPointer) -> Bool {
        let mark: StaticString = "pin.verified"
        var rest = line[...]
        while let start = rest.firstIndex(of: mark.utf8Start.pointee), rest.endIndex - start >= mark.utf8CodeUnitCount,
            let base = line.baseAddress
        {
            if memcmp(base + start, mark.utf8Start, mark.utf8CodeUnitCount) == 0 { return true }
            rest = rest[(start + 1)...]
        }
        return false
    }

    /// The checkpoints that were stamped: signed by these keys, and so bound to be of this log.
    private func stamped(_ keys: [NoteVerifier]) throws(BundleError) -> [Checkpoint] {
        var found: [Checkpoint] = []
        for stamp in try stamps() {
            do throws(NoteError) {
                found.append(try Checkpoint(note: Array(stamp.note.utf8), verifiedBy: keys))
            } catch {
                throw .note(error)
            }
        }
        return found
    }

    private func checkpoint(_ keys: [NoteVerifier]) throws(BundleError) -> (Checkpoint, keyName: String) {
        let note = try contents(BundleFile.checkpoint, limit: SignedNote.byteLimit)
        do throws(NoteError) {
            let checkpoint = try Checkpoint(note: note, verifiedBy: keys)
            return (checkpoint, keys.first { (try? Checkpoint(note: note, verifiedBy: [$0])) != nil }?.name ?? "")
        } catch {
            throw .note(error)
        }
    }

    private func ownKey() throws(BundleError) -> NoteVerifier {
        let bytes = try contents(BundleFile.key, limit: 4096)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .note(.malformedKey) }
        do { return try NoteVerifier(vkey: text.hasSuffix("\n") ? String(text.dropLast()) : text) } catch { throw .note(error) }
    }

    func contents(_ name: String, limit: Int) throws(BundleError) -> [UInt8] {
        do { return try PlainFile.contents("\(folder)/\(name)", limit: limit) } catch { throw .file(error) }
    }
}

/// Compares a growing tree with checkpoints that were kept.
private struct KeptComparison {
    private var waiting: ArraySlice<Checkpoint>
    /// The largest size that agreed.
    private var agreed: UInt64 = 0

    init(_ kept: [Checkpoint]) { waiting = kept[...] }

    mutating func compare(_ tree: MerkleFrontier) throws(BundleError) {
        while let next = waiting.first, next.size <= tree.size {
            waiting.removeFirst()
            // The tree jumps over the sizes of subtrees whose leaves are not there.
            guard next.size == tree.size else { continue }
            guard next.root == tree.root else { throw .rewritten(first: agreed, last: max(next.size, 1) - 1) }
            agreed = next.size
        }
    }
}
