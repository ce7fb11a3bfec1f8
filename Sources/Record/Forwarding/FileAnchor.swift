package import Audit
internal import Dispatch
package import Primitives

/// Keeps checkpoints in a file on a mount of another machine: appended one after the other, on the disk before it says so.
package struct FileAnchor: AnchorTarget {
    package let name: String
    package let kind = "file"
    private let path: String
    /// A mount that hangs holds up this queue and nothing else.
    private let queue: DispatchQueue

    package init(name: String, path: String) {
        self.name = name
        self.path = path
        queue = DispatchQueue(label: "anchor \(name)")
    }

    package func keep(_ notes: [String]) async throws(FetchFailure) {
        let path = path
        let done: Result<Void, FileError> = await queue.perform {
            do throws(FileError) { return .success(try Self.append(notes, to: path)) } catch { return .failure(error) }
        }
        if case .failure(let error) = done { throw .notWritten(error.reason) }
    }

    /// Begins on a line of its own, whatever a crash left before.
    private static func append(_ notes: [String], to path: String) throws(FileError) {
        let file = try PlainFile.appending(path)
        let start = try file.identity().size > 0 ? "\n" : ""
        try file.write(Array((start + notes.joined()).utf8))
        try file.synchronize()
    }

    package func kept(signedBy keys: [NoteVerifier]) async throws(FetchFailure) -> KeptCheckpoints? {
        let path = path
        let found: Result<KeptCheckpoints?, FetchFailure> = await queue.perform {
            guard PlainFile.exists(path) else { return .success(nil) }
            do throws(BundleError) {
                return .success(try KeptCheckpoints(path: path, keys: keys))
            } catch {
                switch error {
                case .file(let error): return .failure(.unreachable(error.reason))
                default: return .success(nil)
                }
            }
        }
        return try found.get()
    }
}
