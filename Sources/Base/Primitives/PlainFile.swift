import Glibc

/// An open file, closed when it ends. Calls interrupted by a signal are made again.
package struct PlainFile: ~Copyable {
    package let path: String
    private let descriptor: Int32

    private init(_ path: String, flags: Int32) throws(FileError) {
        self.path = path
        descriptor = open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(path) }
    }

    deinit { _ = close(descriptor) }

    /// A file or folder that is there. Pipes and devices, on which reading may never end, are an error (EINVAL).
    ///
    /// - Parameter followsLinks: whether `path` may be a symbolic link; one is an error (ELOOP) else.
    package static func reading(_ path: String, followsLinks: Bool = true) throws(FileError) -> PlainFile {
        let file = try PlainFile(path, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY | (followsLinks ? 0 : O_NOFOLLOW))
        let identity = try file.identity()
        guard identity.isRegular || identity.isFolder else { throw FileError(path, EINVAL) }
        return file
    }

    /// A new file that only its owner may read; one that is there already is an error.
    package static func creating(_ path: String) throws(FileError) -> PlainFile { try PlainFile(path, flags: O_WRONLY | O_CREAT | O_EXCL) }

    /// A file to write at the end of, made for its owner alone if it is not there. A symbolic link is an error (ELOOP).
    package static func appending(_ path: String) throws(FileError) -> PlainFile {
        try PlainFile(path, flags: O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
    }

    /// Whether something of this name is there, whatever it is.
    package static func exists(_ path: String) -> Bool { FileIdentity(path: path, followsLinks: false) != nil }

    /// The content of a small file; one of more than `limit` bytes is an error (EFBIG).
    package static func contents(_ path: String, limit: Int, followsLinks: Bool = true) throws(FileError) -> [UInt8] {
        try reading(path, followsLinks: followsLinks).contents(limit: limit)
    }

    /// What is left to read; more than `limit` bytes is an error (EFBIG).
    package borrowing func contents(limit: Int) throws(FileError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: limit + 1, alignment: 1)
        defer {
            // It may have held a key.
            if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) }
            buffer.deallocate()
        }
        var count = 0
        while count < buffer.count {
            let read = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
            if read == 0 { return Array(buffer[..<count]) }
            count += read
        }
        throw FileError(path, EFBIG)
    }

    /// Replaces a file as a whole: after a crash there is the old content or the new one.
    ///
    /// - Parameter mode: permission bits of the new file.
    package static func replace(_ path: String, _ content: [UInt8], mode: UInt32 = 0o600) throws(FileError) {
        let name = path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
        let draft = "\(folder(of: path))/.\(name).new"
        if unlink(draft) != 0, errno != ENOENT { throw FileError(draft) }
        do throws(FileError) {
            try create(draft, content)
            guard chmod(draft, mode) == 0 else { throw FileError(path) }
            try move(draft, to: path)
        } catch {
            unlink(draft)
            throw error
        }
    }

    /// Takes a file away, and waits until that is on the disk.
    package static func remove(_ path: String) throws(FileError) {
        guard unlink(path) == 0 else { throw FileError(path) }
        try reading(folder(of: path)).synchronize()
    }

    /// Gives a file its lasting name, and waits until that name is on the disk.
    package static func move(_ draft: String, to path: String) throws(FileError) {
        guard rename(draft, path) == 0 else { throw FileError(path) }
        try reading(folder(of: path)).synchronize()
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    package static func create(_ path: String, _ content: [UInt8]) throws(FileError) {
        let file = try creating(path)
        try file.write(content)
        try file.synchronize()
    }

    /// Reads what is there, at most the buffer; 0 at the end.
    package borrowing func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw FileError(path) }
        }
    }

    package borrowing func write(_ bytes: [UInt8]) throws(FileError) {
        let descriptor = descriptor
        let failure: Int32? = bytes.withUnsafeBytes { Self.write($0, to: descriptor) }
        if let failure { throw FileError(path, failure) }
    }

    package borrowing func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        if let failure = Self.write(bytes, to: descriptor) { throw FileError(path, failure) }
    }

    /// `errno` of the failure; `nil` when all was written.
    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32? {
        var start = 0
        while start < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: start), bytes.count - start)
            if count >= 0 {
                start += count
            } else if errno != EINTR {
                return errno
            }
        }
        return nil
    }

    /// Which file this is, as it is now.
    package borrowing func identity() throws(FileError) -> FileIdentity {
        guard let identity = FileIdentity(descriptor: descriptor) else { throw FileError(path) }
        return identity
    }

    /// Whether the file belongs to this process's user, and nobody else may read or write it.
    package borrowing func isPrivate() throws(FileError) -> Bool { try identity().isPrivate }

    /// The same, or a credential that systemd gave this service (systemd.exec(5)): such a file is root's, and an access list lets the
    /// service read it, whose mask shows as the bits of the group.
    ///
    /// - Parameter credentials: the folder of the credentials; `nil` where the service was given none.
    package borrowing func isPrivate(
        orFrom credentials: String?
    ) throws(FileError) -> Bool {
        let identity = try identity()
        if identity.isPrivate { return true }
        guard let credentials, path.hasPrefix("\(credentials)/") else { return false }
        return identity.owner == 0 || identity.owner == geteuid() ? identity.permissions & 0o027 == 0 : false
    }

    /// Where systemd put the credentials of this service.
    package static var credentials: String? { getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) } }

    /// Whose file it is, and whether anybody else may write it.
    package borrowing func writers() throws(FileError) -> (owner: UInt32, areOthersAllowed: Bool) {
        let identity = try identity()
        return (identity.owner, identity.permissions & 0o022 != 0)
    }

    /// Waits until the content is on the disk.
    package borrowing func synchronize() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError(path) }
    }
}
