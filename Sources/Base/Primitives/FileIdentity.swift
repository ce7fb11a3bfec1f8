import Dispatch
import Glibc

// Other rooms ask here what a file is: a C structure that several imported modules declare has its members under only one of
// them, and which one depends on what the compiler read first. Dispatch is imported for that reason alone.

/// A file at one moment: the same twice means the same content. Its change time cannot be set by a program.
package struct FileIdentity: Hashable, Sendable {
    /// `S_IFREG`, `S_IFDIR`, `S_IFSOCK` …
    private let kind: UInt32
    /// The lower twelve bits: `S_ISVTX` and below.
    package let permissions: UInt32
    /// User id.
    package let owner: UInt32
    /// Group id.
    package let group: UInt32
    /// In bytes.
    package let size: Int64
    private let device: UInt64
    private let inode: UInt64
    /// Nanoseconds since 1970.
    package let modified: Int64
    private let changed: Int64

    package var isRegular: Bool { kind == S_IFREG }
    package var isFolder: Bool { kind == S_IFDIR }
    package var isSocket: Bool { kind == S_IFSOCK }
    /// Whether it belongs to this process's user, and nobody else may read or write it.
    package var isPrivate: Bool { owner == geteuid() && permissions & 0o077 == 0 }

    /// As `JOURNAL_STREAM` names a stream to the journal (systemd.exec(5)).
    package var journalStream: String { "\(device):\(inode)" }

    package func sharesFileSystem(with other: FileIdentity) -> Bool { device == other.device }

    private init(_ status: stat) {
        kind = status.st_mode & S_IFMT
        permissions = status.st_mode & 0o7777
        owner = status.st_uid
        group = status.st_gid
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        changed = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
    }

    /// `nil` when there is no such file, or it may not be looked at.
    package init?(path: String, followsLinks: Bool = true) {
        var status = stat()
        guard (followsLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
        self.init(status)
    }

    /// Of an open file.
    package init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }
}
