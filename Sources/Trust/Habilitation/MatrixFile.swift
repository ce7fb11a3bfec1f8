package import ConfigurationFile
internal import Dispatch
internal import Glibc
internal import Primitives

/// The file of an establishment's matrix: whose it must be, and whether it has changed.
///
/// Whoever can write it gives rights: it must belong to root or to the agent's user, and nobody else may write it.
package final class MatrixFile: Sendable {
    package let path: String
    private let owners: Set<UInt32>
    /// Reading blocks, and one reading at a time is enough.
    private let queue = DispatchQueue(label: "habilitations")

    /// What tells a changed file from an unchanged one, one that is not there too.
    package struct Version: Hashable, Sendable {
        fileprivate let identity: FileIdentity?
    }

    package enum Look: Sendable {
        case unchanged
        /// Somebody may be writing it: a file that is cut short could say something else.
        case unsettled
        case loaded(HabilitationMatrix, Version)
        case refused(ConfigurationError, Version)
    }

    /// Milliseconds for which a file must have been left alone.
    private static let settling: Int64 = 300

    /// - Parameter agent: the user that the agent runs as.
    package init(_ path: String, agent: UInt32) {
        self.path = path
        owners = [0, agent]
    }

    /// Reads it now; for a start.
    package func load() throws(ConfigurationError) -> (matrix: HabilitationMatrix, version: Version) {
        let version = Self.version(path)
        return (try HabilitationMatrix(bytes: try Self.bytes(path, owners: owners)), version)
    }

    /// Reads it if it is another version than the one that was seen, away from where other work is done.
    ///
    /// - Parameter now: milliseconds since 1970.
    package func look(past seen: Version?, now: Int64) async -> Look {
        await queue.perform { self.lookNow(past: seen, now: now) }
    }

    private func lookNow(past seen: Version?, now: Int64) -> Look {
        let version = Self.version(path)
        guard version != seen else { return .unchanged }
        if let identity = version.identity, (0..<Self.settling).contains(now - identity.modified / 1_000_000) { return .unsettled }
        do throws(ConfigurationError) {
            let loaded = try load()
            return loaded.version == version && Self.version(path) == version ? .loaded(loaded.matrix, version) : .unsettled
        } catch {
            return Self.version(path) == version ? .refused(error, version) : .unsettled
        }
    }

    private static func version(_ path: String) -> Version { Version(identity: FileIdentity(path: path)) }

    /// The content of such a file.
    ///
    /// - Parameter owners: users that it may belong to; nobody else may then write it. `nil`: whoever it belongs to.
    package static func bytes(_ path: String, owners: Set<UInt32>? = nil) throws(ConfigurationError) -> [UInt8] {
        let problem: Text
        do throws(FileError) {
            guard FileIdentity(path: path)?.isRegular ?? true else { throw FileError(path, EINVAL) }
            let file = try PlainFile.reading(path)
            let (owner, areOthersAllowed) = try file.writers()
            if let owners, !owners.contains(owner) {
                problem = Text(
                    "appartient à l'utilisateur \(owner), doit appartenir à root ou à l'utilisateur de l'agent : chown root \(path)",
                    "belongs to user \(owner), must belong to root or the agent's user: chown root \(path)")
            } else if owners != nil, areOthersAllowed {
                problem = Text(
                    "d'autres que son propriétaire peuvent l'écrire : chmod go-w \(path)",
                    "may be written by others than its owner: chmod go-w \(path)")
            } else {
                return try file.contents(limit: HabilitationMatrix.sizeLimit)
            }
        } catch {
            let text = error.text
            throw ConfigurationError(
                file: error.number == EINVAL
                    ? Text(text.french, "is \(text.english)") : Text("illisible : \(text.french)", "cannot be read: \(text.english)"))
        }
        throw ConfigurationError(file: problem)
    }
}
