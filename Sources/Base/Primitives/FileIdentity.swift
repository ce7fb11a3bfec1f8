import Glibc

/// A file at one moment: the same twice means the same content. Its change time cannot be set by a program.
package struct FileIdentity: Hashable, Sendable {
    package let isRegular: Bool
    /// In bytes.
    package let size: Int64
    private let device: UInt64
    private let inode: UInt64
    /// Nanoseconds since 1970.
    package let modified: Int64
    private let changed: Int64

    init(_ status: stat) {
        isRegular = status.st_mode & S_IFMT == S_IFREG
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
