import Audit
import Foundation
import Primitives
import Testing

/// A folder that goes when the test ends.
final class Folder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "audit-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func read(_ name: String) throws -> String { try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }

    func write(_ name: String, _ text: String) throws { try text.write(toFile: "\(path)/\(name)", atomically: false, encoding: .utf8) }
}

/// A log in memory, its signer, and exports of it.
struct SampleLog: NodeReader {
    struct Absent: Error {}

    let leaves: [[UInt8]]
    let signer: NoteSigner
    private var nodes: [Int: [MerkleHash]] = [:]

    init(size: Int) throws {
        signer = try NoteSigner(name: "sample", seed: [UInt8](repeating: 3, count: 32))
        leaves = (0..<size).map { number in
            var draft = TraceDraft(.cardRead, .info, at: Timestamp(seconds: Int64(number)))
            draft.reason = String(repeating: "x", count: number % 700)
            return draft.leaf(seq: UInt64(number), salt: [UInt8](repeating: 5, count: 16), workstation: "w")
        }
        var tree = MerkleFrontier()
        for leaf in leaves { tree.append(.leaf(leaf)) { nodes[$0.level, default: []].append($0.hash) } }
    }

    func node(level: Int, index: UInt64) throws(Absent) -> MerkleHash {
        guard let row = nodes[level], index < row.count else { throw Absent() }
        return row[Int(index)]
    }

    func export(_ range: ClosedRange<Int>, to folder: Folder) throws {
        let manifest = try BundleManifest(
            range: UInt64(range.lowerBound)...UInt64(range.upperBound), size: UInt64(leaves.count), nodes: self)
        var writer = try BundleWriter(folder: folder.path)
        for leaf in leaves[range] { try writer.append(leaf: leaf) }
        let note = try signer.note(Checkpoint(origin: signer.name, size: manifest.size, root: manifest.root))
        try writer.finish(manifest: manifest, note: note, vkey: signer.verifier.vkey)
    }
}

struct BundleTests {
    private func failure(_ folder: Folder, _ key: NoteVerifier? = nil) -> BundleError? {
        do throws(BundleError) {
            _ = try BundleVerifier(folder: folder.path, key: key).verify()
            return nil
        } catch {
            return error
        }
    }

    @Test func wholeLogVerifies() throws {
        let (log, folder) = (try SampleLog(size: 1000), try Folder())
        try log.export(0...999, to: folder)
        let report = try BundleVerifier(folder: folder.path, key: log.signer.verifier).verify()
        #expect(report.range == 0...999)
        #expect(report.checkpoint.size == 1000)
        #expect(report.keyName == "sample")
        #expect(!report.isSelfAsserted)
        #expect(try folder.read("entries.jsonl") == log.leaves.map { String(decoding: $0, as: UTF8.self) + "\n" }.joined())
        #expect(try JSONDecoder().decode(JSON.self, from: Data(folder.read("manifest.json").utf8))["nodes"] == nil)
    }

    @Test func everyPartOfTheLogVerifies() throws {
        let log = try SampleLog(size: 13)
        for first in 0..<13 {
            for last in first..<13 {
                let folder = try Folder()
                try log.export(first...last, to: folder)
                #expect(failure(folder, log.signer.verifier) == nil, "\(first)...\(last)")
            }
        }
    }

    @Test func keyOfTheExportItselfIsOnlySelfAsserted() throws {
        let (log, folder) = (try SampleLog(size: 3), try Folder())
        try log.export(0...2, to: folder)
        #expect(try BundleVerifier(folder: folder.path, key: nil).verify().isSelfAsserted)
        let stranger = try NoteSigner(name: "sample", seed: [UInt8](repeating: 4, count: 32)).verifier
        #expect(failure(folder, stranger) == .note(.notSigned))
    }

    @Test func progressEndsWithAllTraces() throws {
        let (log, folder) = (try SampleLog(size: 20), try Folder())
        try log.export(4...19, to: folder)
        var seen: [[UInt64]] = []
        _ = try BundleVerifier(folder: folder.path, key: nil).verify { seen.append([$0, $1]) }
        #expect(seen.last == [16, 16])
    }

    @Test func changedByteNamesTheRange() throws {
        let (log, folder) = (try SampleLog(size: 50), try Folder())
        try log.export(10...40, to: folder)
        try folder.write("entries.jsonl", folder.read("entries.jsonl").replacing("00:00:25.000Z", with: "00:00:26.000Z"))
        #expect(failure(folder) == .rootMismatch(first: 10, last: 40))
        #expect(failure(folder)?.firstBadSequence == nil)
    }

    @Test func brokenLineNamesItsSequence() throws {
        let (log, folder) = (try SampleLog(size: 50), try Folder())
        try log.export(0...49, to: folder)
        try folder.write("entries.jsonl", folder.read("entries.jsonl").replacing(#""seq":25,"#, with: #""seq":25;"#))
        #expect(failure(folder) == .entry(sequence: 25, .malformed))
        #expect(failure(folder)?.firstBadSequence == 25)
    }

    @Test func lineTakenOutNamesItsSequence() throws {
        let (log, folder) = (try SampleLog(size: 50), try Folder())
        try log.export(0...49, to: folder)
        var lines = try folder.read("entries.jsonl").split(separator: "\n", omittingEmptySubsequences: false)
        lines.remove(at: 7)
        try folder.write("entries.jsonl", lines.joined(separator: "\n"))
        #expect(failure(folder) == .entry(sequence: 7, .wrongSequence))
    }

    @Test func endTakenOffNamesTheFirstMissing() throws {
        let (log, folder) = (try SampleLog(size: 50), try Folder())
        try log.export(0...49, to: folder)
        let text = try folder.read("entries.jsonl")
        let lines = text.split(separator: "\n")
        try folder.write("entries.jsonl", lines[..<48].map { $0 + "\n" }.joined())
        #expect(failure(folder) == .missing(sequence: 48))
        try folder.write("entries.jsonl", String(text.dropLast()))
        #expect(failure(folder) == .entry(sequence: 49, .cutShort))
        try folder.write("entries.jsonl", text + lines[49] + "\n")
        #expect(failure(folder) == .excess(after: 49))
        try folder.write("entries.jsonl", String(repeating: "x", count: 200_000) + "\n" + text)
        #expect(failure(folder) == .entry(sequence: 0, .tooLong))
    }

    @Test func longestLineStillFitsAndOneMoreByteDoesNot() throws {
        let (log, folder) = (try SampleLog(size: 1), try Folder())
        try log.export(0...0, to: folder)
        try folder.write("entries.jsonl", String(repeating: "x", count: 65_536) + "\n")
        #expect(failure(folder) == .entry(sequence: 0, .malformed))
        try folder.write("entries.jsonl", String(repeating: "x", count: 65_537) + "\n")
        #expect(failure(folder) == .entry(sequence: 0, .tooLong))
    }

    @Test func manifestOfAnotherTreeIsRefused() throws {
        let (log, folder) = (try SampleLog(size: 6), try Folder())
        try log.export(0...5, to: folder)
        let other = try Folder()
        try SampleLog(size: 7).export(0...6, to: other)
        try folder.write("checkpoint", other.read("checkpoint"))
        #expect(failure(folder) == .checkpointDisagrees)
    }

    @Test func changedCheckpointIsRefused() throws {
        let (log, folder) = (try SampleLog(size: 6), try Folder())
        try log.export(0...5, to: folder)
        try folder.write("checkpoint", folder.read("checkpoint").replacing("\n6\n", with: "\n5\n"))
        #expect(failure(folder) == .note(.badSignature(name: "sample")))
        try folder.write("checkpoint", "nothing")
        #expect(failure(folder) == .note(.malformedNote))
        try folder.write("log.vkey", "nothing")
        #expect(failure(folder) == .note(.malformedKey))
    }

    @Test(arguments: [
        (#""first":2"#, #""first":3"#), (#""first":2"#, #""first":-1"#), (#""last":4"#, #""last":1"#), (#""last":4"#, #""last":6"#),
        (#""size":6"#, #""size":9007199254740993"#), (#""v":1"#, #""v":2"#), (#""after":["#, #""after":["x","#),
        (#""before":["#, #""before":[1,"#),
        (#""root":"#, #""toor":"#), ("{", "["),
    ])
    func otherManifestsAreMalformed(from: String, to: String) throws {
        let (log, folder) = (try SampleLog(size: 6), try Folder())
        try log.export(2...4, to: folder)
        let manifest = try folder.read("manifest.json")
        try #require(manifest.contains(from))
        try folder.write("manifest.json", manifest.replacing(from, with: to))
        #expect(failure(folder) == .malformedManifest)
    }

    @Test(arguments: ["", "{}", "null", String(repeating: "[", count: 60_000), "{\"v\":1e400}", "\u{FEFF}{}"])
    func otherTextIsNoManifest(text: String) throws {
        let folder = try Folder()
        try folder.write("manifest.json", text)
        #expect(failure(folder) == .malformedManifest)
    }

    @Test func pipesAndDevicesAreNotReadFrom() throws {
        let folder = try Folder()
        let path = "\(folder.path)/manifest.json"
        #expect(mkfifo(path, 0o600) == 0)
        #expect(failure(folder) == .file(FileError(path, EINVAL)))
        #expect(unlink(path) == 0)
        #expect(symlink("/dev/zero", path) == 0)
        #expect(failure(folder) == .file(FileError(path, EINVAL)))
    }

    @Test func overlongFilesAreNotReadWhole() throws {
        let folder = try Folder()
        try folder.write("manifest.json", String(repeating: " ", count: 65_537))
        #expect(failure(folder) == .file(FileError("\(folder.path)/manifest.json", EFBIG)))
    }

    @Test func changedNodeBesideTheRangeIsFound() throws {
        let (log, folder) = (try SampleLog(size: 8), try Folder())
        try log.export(2...4, to: folder)
        let node = StandardBase64.encode(try log.node(level: 1, index: 0).bytes)
        try folder.write(
            "manifest.json", folder.read("manifest.json").replacing(node, with: StandardBase64.encode([UInt8](repeating: 0, count: 32))))
        #expect(failure(folder) == .rootMismatch(first: 2, last: 4))
    }

    @Test(arguments: ["manifest.json", "checkpoint", "entries.jsonl", "log.vkey"])
    func absentFileIsNamed(name: String) throws {
        let (log, folder) = (try SampleLog(size: 2), try Folder())
        try log.export(0...1, to: folder)
        try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
        guard case .file(let error) = failure(folder) else {
            Issue.record("a missing file was not seen")
            return
        }
        #expect(error.path.hasSuffix(name))
        #expect(error.number == ENOENT)
    }

    @Test func foldersWithContentAreNotWrittenTo() throws {
        let folder = try Folder()
        try folder.write("something", "")
        let log = try SampleLog(size: 1)
        #expect(throws: BundleError.folderNotEmpty) { try log.export(0...0, to: folder) }
    }

    @Test func rangeOutsideTheLogIsRefused() throws {
        let log = try SampleLog(size: 2)
        #expect(throws: ProofRangeError()) { try BundleManifest(range: 0...2, size: 2, nodes: log) }
    }
}

/// Exports against checkpoints that were kept elsewhere.
struct KeptCheckpointTests {
    private let log: SampleLog

    init() throws { log = try SampleLog(size: 100) }

    /// What verification says of traces `range`, against checkpoints of these sizes; one whose size is in `others` is of another log.
    private func failure(_ range: ClosedRange<Int>, _ sizes: [UInt64], others: Set<UInt64> = []) throws -> BundleError? {
        let folder = try Folder()
        try log.export(range, to: folder)
        var tree = MerkleFrontier()
        var roots = [tree.root]
        for leaf in log.leaves {
            tree.append(.leaf(leaf))
            roots.append(tree.root)
        }
        let kept = sizes.map { size in
            let root = others.contains(size) || size > 100 ? MerkleHash.leaf([1]) : roots[Int(size)]
            return Checkpoint(origin: "sample", size: size, root: root)
        }
        do throws(BundleError) {
            _ = try BundleVerifier(folder: folder.path, key: log.signer.verifier, kept: kept).verify()
            return nil
        } catch {
            return error
        }
    }

    @Test func anExportThatBeginsWithAllOfThemIsSound() throws {
        #expect(try failure(0...99, [0, 1, 40, 99, 100]) == nil)
        #expect(try failure(30...60, [2, 30, 45, 61, 80, 100]) == nil)
    }

    @Test func anExportThatIsTooShortLacksItsEnd() throws {
        #expect(try failure(0...99, [40, 120]) == .cutShort(size: 100, signed: 120))
    }

    @Test func anExportOfAnotherLogIsNamedFromTheLastThatAgrees() throws {
        #expect(try failure(0...99, [20, 40, 60], others: [60]) == .rewritten(first: 40, last: 59))
        #expect(try failure(0...99, [100], others: [100]) == .rewritten(first: 0, last: 99))
    }

    @Test func whatEndsOutsideThePartCannotBeCompared() throws {
        #expect(try failure(30...60, [2, 80]) == .notComparable)
    }
}
