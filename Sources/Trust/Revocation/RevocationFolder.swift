internal import Dispatch
internal import Glibc
internal import PKI
package import Primitives
internal import Synchronization

/// Keeps ``RevocationLists`` up with the files in a folder, and keeps a copy of each list that was accepted, so that a folder set back
/// to older lists is found out after a restart too.
package final class RevocationFolder: Sendable {
    /// What became of one list.
    package struct Outcome: Sendable {
        /// The file, or the address that it was fetched from.
        package let file: String
        package let result: Result<RevocationLists.Accepted, RevocationListError>
        /// Why no copy of a list in force could be kept, by the system's text: set back to an older one while the agent does not run,
        /// the folder would not be found out. Tried again at the next look.
        package var notKept: Text?
        /// `false` when the same was told before: a server that fails again, a list that is in force already.
        package var isNews = true
    }

    private let lists: RevocationLists
    private let folder: String?
    /// Where copies are kept.
    let kept: String
    private let seen = Mutex<[String: FileIdentity]>([:])
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
        await queue.perform { self.look(now) }
    }

    /// Takes in a file that was fetched.
    func take(_ path: String, from address: String, now: Timestamp) async -> Outcome {
        await queue.perform { self.load(path, as: address, now) }
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
        guard path.hasSuffix(".crl"), let identity = FileIdentity(path: path), seen.withLock({ $0[path] }) != identity else { return nil }
        let outcome = load(path, as: path, now)
        // A list of the future is looked at again, and one of which no copy could be kept.
        if case .failure(.notYetValid) = outcome.result { return outcome }
        if outcome.notKept == nil { seen.withLock { $0[path] = identity } }
        return outcome
    }

    /// A list comes into force whether or not its copy can be kept: who is revoked must not depend on a full disk.
    private func load(_ path: String, as name: String, _ now: Timestamp) -> Outcome {
        let isCopy = name.hasPrefix("\(kept)/")
        let copy = isCopy ? nil : ListCopy(draft: "\(kept)/.incoming")
        let accepted: RevocationLists.Accepted
        do throws(RevocationListError) {
            accepted = try lists.load(path: path, now: now, copy: copy)
        } catch {
            return Outcome(file: name, result: .failure(error))
        }
        var outcome = Outcome(file: name, result: .success(accepted))
        let target = "\(kept)/\(Hex.encode(accepted.authority)).crl"
        guard let copy, !accepted.isKnown || FileIdentity(path: target) == nil else { return outcome }
        do throws(FileError) {
            try copy.keep(as: target)
            // Our own copy is no news at the next look.
            seen.withLock { $0[target] = FileIdentity(path: target) }
        } catch {
            outcome.notKept = error.text
        }
        return outcome
    }
}
