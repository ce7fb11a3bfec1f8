import Audit
import Glibc
internal import Primitives

/// The folder that one agent at a time may use: the lock is held until this value ends, or the process does.
final class StateLock: Sendable {
    private let path: String
    private let descriptor: Int32
    /// Whether the file system of the folder takes no writes.
    let isReadOnly: Bool

    /// Makes `folder` if it is not there, keeps it for its owner alone, and takes the lock.
    init(folder: String) throws(StoreError) {
        try Self.prepare(folder)
        let path = "\(folder)/agent.lock"
        self.path = path
        let writable = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        isReadOnly = writable < 0 && errno == EROFS
        descriptor = isReadOnly ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : writable
        guard descriptor >= 0 else { throw .file(FileError(path)) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let error = FileError(path)
            guard error.number == EWOULDBLOCK else { throw .file(error) }
            throw .inUse(processID: Self.holder(path))
        }
        // The content only helps people; the lock does not rest on it.
        if isReadOnly { return }
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.count, 0) == text.count else {
            throw .file(FileError(path))
        }
    }

    deinit { _ = close(descriptor) }

    /// Whether the file system of the folder takes writes now.
    var couldBeWritten: Bool { access(path, W_OK) == 0 }

    func release() { _ = flock(descriptor, LOCK_UN) }

    private static func prepare(_ folder: String) throws(StoreError) {
        if mkdir(folder, 0o700) != 0 {
            let error = FileError(folder)
            guard error.number == EEXIST else { throw .file(error) }
        }
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw .file(FileError(folder)) }
        defer { close(directory) }
        guard let identity = FileIdentity(descriptor: directory) else { throw .file(FileError(folder)) }
        // A folder that all may write to (sticky) is shared by design and never the agent's own.
        guard identity.owner == geteuid(), identity.permissions & S_ISVTX == 0 else { throw .foreignFolder(path: folder) }
        if identity.permissions & 0o777 != 0o700, fchmod(directory, 0o700) != 0 { throw .file(FileError(folder)) }
    }

    private static func holder(_ path: String) -> Int32? {
        guard let bytes = try? PlainFile.contents(path, limit: 16) else { return nil }
        return Int32(String(decoding: bytes, as: UTF8.self).filter { $0 != "\n" })
    }
}
