internal import Audit
internal import Foundation
internal import Primitives
package import Sessions
import Synchronization

/// Space kept for what has to be said while the log cannot be written. What is in it goes on in the same tree as the log, with final
/// numbers, and moves into the database with the first transaction that succeeds again.
package final class Reserve: Sendable {
    /// What the file says that cannot be true of it.
    package struct Damage: Hashable, Sendable {
        /// The first trace that is lost, or may be.
        package let firstLost: UInt64
        package let reason: String
        /// Where the file was kept as it was found.
        package let copy: String
    }

    private struct State {
        var file: ReserveFile?
        var problem: String?
        var contents = Contents()
        var tally: ReserveTally
        var damage: Damage?
    }

    /// What is not in the database yet.
    private struct Contents: Sendable {
        var entries: [ReserveEntry] = []
        /// Where the next frame begins.
        var end = 0
        var since: Timestamp?
        /// Some of it is kept outside this machine and in memory, not in the file; what comes after it cannot be in the file either.
        var isBeyondFile = false
    }

    package let path: String
    private let size: Int
    private let stateFolder: String
    private let state: Mutex<State>

    /// Opens or makes the file. Without it the log works as long as its disk does: ``status`` says what is wrong.
    ///
    /// - Parameters:
    ///   - size: bytes that are kept.
    ///   - stateFolder: of the database, which should be on another file system.
    package init(path: String, size: Int, stateFolder: String) {
        self.path = path
        self.size = size
        self.stateFolder = stateFolder
        state = Mutex(State(tally: ReserveTally(size: size)))
        prepare(isStart: true)
    }

    /// Makes the file where that was not possible before. One that holds something is left to the next start, which reads it.
    package func prepare() { prepare(isStart: false) }

    private func prepare(isStart: Bool) {
        state.withLock { state in
            guard state.file == nil else { return }
            do throws(FileError) {
                let file = try ReserveFile(path: path, size: size)
                let isEmpty = isStart ? true : ReserveFrame.read(try file.contents(), at: 0) == nil
                guard isEmpty else {
                    state.problem = "it holds traces of an earlier run: start the agent again"
                    return
                }
                state.file = file
                state.problem = nil
            } catch {
                state.problem = error.reason
            }
        }
    }

    /// Frees the file for another; later use of the reserve is an error. Without it that happens when the last reference ends.
    package func close() {
        state.withLock { state in
            state.file?.release()
            state.file = nil
        }
    }

    package var isMissing: Bool { state.withLock { $0.file == nil } }
    package var isInUse: Bool { state.withLock { !$0.contents.entries.isEmpty } }
    package var damage: Damage? { state.withLock { $0.damage } }

    package var status: ReserveStatus {
        let places = (FileIdentity(path: path), FileIdentity(path: stateFolder))
        let isShared: Bool = if let file = places.0, let folder = places.1 { file.sharesFileSystem(with: folder) } else { false }
        return state.withLock { state in
            ReserveStatus(
                size: state.file?.size ?? 0, used: state.contents.entries.isEmpty ? 0 : state.tally.total,
                traces: state.contents.entries.reduce(0) { $0 + $1.traces.count }, since: state.contents.since, problem: state.problem,
                sharesFileSystem: isShared)
        }
    }

    /// The newest state of each session that the reserve knows of, by id.
    var sessions: [String: (state: String, json: String)] {
        state.withLock { state in
            state.contents.entries.flatMap(\.changes).reduce(into: [:]) { found, change in
                switch change {
                case .session(let id, _, _, let state, let json): found[id] = (state, json)
                case .sessionEnded(let id, let json): found[id] = ("ended", json)
                case .tokenIssued, .tokensRevoked, .kept, .forgotten: break
                }
            }
        }
    }

    /// The newest state of each record of a kind that the reserve knows of, by id; `nil` for one that is forgotten.
    func records(_ kind: String) -> [String: StoredChange] {
        state.withLock { state in
            state.contents.entries.flatMap(\.changes).reduce(into: [:]) { found, change in
                switch change {
                case .kept(kind, let id, _, _, _), .forgotten(kind, let id): found[id] = change
                default: break
                }
            }
        }
    }

    // MARK: Reading what an earlier run left

    /// Reads what is not in the database yet.
    ///
    /// - Parameters:
    ///   - stored: how many traces the database has.
    ///   - leaf: the bytes that the database has for a trace.
    /// - Returns: the traces to go on with, in order.
    /// - Throws: ``StoreError/reserveDamaged(path:reason:)`` when the file is damaged and cannot be set aside.
    func load(after stored: UInt64, leaf: (UInt64) throws(StoreError) -> [UInt8]?) throws(StoreError) -> [ReserveEntry.Trace] {
        guard let file = state.withLock({ $0.file }) else { return [] }
        let bytes: [UInt8]
        do throws(FileError) { bytes = try file.contents() } catch { throw .file(error) }
        let reading = try ReserveReading(bytes, after: stored, leaf: leaf)
        var damage: Damage?
        if let found = reading.damage {
            let copy = "\(path).damaged-\(reading.next)"
            do throws(FileError) {
                if !PlainFile.exists(copy) { try PlainFile.create(copy, bytes) }
                try file.write([UInt8](repeating: 0, count: bytes.count - reading.end), at: reading.end)
            } catch {
                throw .reserveDamaged(path: path, reason: "\(found); it cannot be set aside: \(error.reason)")
            }
            damage = Damage(firstLost: reading.next, reason: found, copy: copy)
        }
        var tally = ReserveTally(size: size)
        for entry in reading.entries { _ = tally.admit(entry) }
        state.withLock { [tally, damage] state in
            state.contents = Contents(
                entries: reading.entries, end: reading.end, since: reading.since)
            state.tally = tally
            state.damage = damage
        }
        return reading.entries.flatMap(\.traces)
    }

    // MARK: Writing; only the one writer of the log calls these

    /// What each share has used so far.
    var tally: ReserveTally { state.withLock { $0.tally } }

    /// Returns when the frame is on the disk.
    func write(_ frame: ReserveFrame) throws(StoreError) {
        let (file, end, isBeyondFile) = state.withLock { ($0.file, $0.contents.end, $0.contents.isBeyondFile) }
        let bytes = frame.bytes
        guard let file, !isBeyondFile, end + bytes.count <= file.size else { throw .reserveUsedUp }
        do throws(FileError) { try file.write(bytes, at: end) } catch { throw .file(error) }
        state.withLock { state in
            state.contents.since = state.contents.since ?? frame.writtenAt
            state.contents.entries += frame.entries
            state.contents.end += bytes.count
            for entry in frame.entries { _ = state.tally.admit(entry) }
        }
    }

    /// Keeps in memory what somebody outside has acknowledged.
    func remember(_ entry: ReserveEntry, at now: Timestamp) {
        state.withLock { state in
            state.contents.since = state.contents.since ?? now
            state.contents.entries.append(entry)
            state.contents.isBeyondFile = true
        }
    }

    /// What waits, and since when.
    var waiting: (entries: [ReserveEntry], since: Timestamp?) { state.withLock { ($0.contents.entries, $0.contents.since) } }

    /// Forgets what the database has now. Should the file not take that in, the next start finds the same bytes in both places.
    func empty() {
        let file = state.withLock { state in
            defer {
                state.contents = Contents()
                state.tally = ReserveTally(size: size)
            }
            return state.contents.entries.isEmpty ? nil : state.file
        }
        try? file?.write([UInt8](repeating: 0, count: ReserveFrame.alignment), at: 0)
    }
}
