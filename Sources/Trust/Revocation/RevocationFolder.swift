internal import Dispatch
internal import Glibc
internal import PKI
package import Primitives
internal import Synchronization

/// Keeps ``RevocationLists`` up with the files in a folder, and keeps a copy of each list that was accepted, so that a folder set back
/// to older lists is found out after a restart too.
package final class RevocationFolder: Sendable {
    /// What became of one file.
    package struct Outcome: Sendable {
        package let file: String
        package let result: Result<RevocationLists.Accepted, RevocationListError>
    }

    /// What tells a changed file from an unchanged one.
    private struct Version: Hashable {
        let inode: UInt
        let size: Int
        let seconds: Int
        let nanoseconds: Int
    }

    private let lists: RevocationLists
    private let folder: String?
    private let kept: String
    private let seen = Mutex<[String: Version]>([:])
    /// Reading blocks, and one reading at a time is enough.
    private let queue = DispatchQueue(label: "revocation lists")

    private static let mostFiles = 100

    /// - Parameters:
    ///   - folder: where the administrator puts lists; `nil` when there is none.
    ///   - kept: where copies are kept, ours alone; made when it is not there.
    package init(_ lists: RevocationLists, folder: String?, kept: String) {
        self.lists = lists
        self.folder = folder
        self.kept = kept
    }

    /// Loads what was kept by an earlier run, then what is new in the folder.
    ///
    /// - Returns: an outcome for each file that is new or changed since the last time; none for a list that is in force already.
    package func refresh(now: Timestamp) async -> [Outcome] {
        await withCheckedContinuation { continuation in queue.async { continuation.resume(returning: self.look(now)) } }
    }

    private func look(_ now: Timestamp) -> [Outcome] {
        _ = mkdir(kept, 0o700)
        let outcomes = files(in: kept, now) + (folder.map { files(in: $0, now) } ?? [])
        return outcomes.filter { if case .success(let accepted) = $0.result { !accepted.isKnown } else { true } }
    }

    private func files(in folder: String, _ now: Timestamp) -> [Outcome] {
        let names: [String]
        do throws(TrustStoreError) {
            names = try FileReading.names(in: folder)
        } catch {
            return [Outcome(file: folder, result: .failure(.unreadable(error.reason)))]
        }
        return names.prefix(Self.mostFiles).compactMap { file("\(folder)/\($0)", now) }
    }

    /// `nil` when the file is no list or was looked at before.
    private func file(_ path: String, _ now: Timestamp) -> Outcome? {
        guard path.hasSuffix(".crl"), let version = Self.version(path), seen.withLock({ $0[path] }) != version else { return nil }
        let result = loaded(path, now)
        // A list of the future is looked at again.
        if case .failure(.notYetValid) = result { return Outcome(file: path, result: result) }
        seen.withLock { $0[path] = version }
        return Outcome(file: path, result: result)
    }

    private func loaded(_ path: String, _ now: Timestamp) -> Result<RevocationLists.Accepted, RevocationListError> {
        do throws(RevocationListError) {
            let accepted = try lists.load(path: path, now: now)
            if !accepted.isKnown, !path.hasPrefix("\(kept)/") { try keep(path, accepted.authority) }
            return .success(accepted)
        } catch {
            return .failure(error)
        }
    }

    private static func version(_ path: String) -> Version? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Version(
            inode: UInt(status.st_ino), size: Int(status.st_size), seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec)
    }

    /// Copies an accepted list as a whole: after a crash there is the old copy or the new one. It is checked again when it is loaded.
    private func keep(_ path: String, _ authority: [UInt8]) throws(RevocationListError) {
        let target = "\(kept)/\(Hex.encode(authority)).crl"
        let draft = "\(kept)/.\(Hex.encode(authority)).new"
        let source = open(path, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw Self.failure() }
        defer { close(source) }
        let copy = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard copy >= 0 else { throw Self.failure() }
        defer { close(copy) }
        var block = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(source, &block, block.count)
            guard count >= 0 else { throw Self.failure() }
            if count == 0 { break }
            guard write(copy, block, count) == count else { throw Self.failure() }
        }
        guard fsync(copy) == 0, rename(draft, target) == 0 else { throw Self.failure() }
    }

    private static func failure() -> RevocationListError { .unreadable(String(cString: strerror(errno))) }
}
