import Glibc

/// The system refused to read or write a file.
package struct FileError: Error, Hashable, Sendable {
    package let path: String
    /// What the system said, as `errno`.
    package let number: Int32

    package init(_ path: String, _ number: Int32 = errno) {
        self.path = path
        self.number = number
    }

    package var reason: String { String(cString: strerror(number)) }
}

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
    package static func reading(_ path: String) throws(FileError) -> PlainFile {
        let file = try PlainFile(path, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY)
        guard [S_IFREG, S_IFDIR].contains(try file.status().st_mode & S_IFMT) else { throw FileError(path, EINVAL) }
        return file
    }

    /// A new file that only its owner may read; one that is there already is an error.
    package static func creating(_ path: String) throws(FileError) -> PlainFile { try PlainFile(path, flags: O_WRONLY | O_CREAT | O_EXCL) }

    /// The content of a small file; one of more than `limit` bytes is an error (EFBIG).
    package static func contents(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
        try reading(path).contents(limit: limit)
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

    package static func create(_ path: String, _ content: [UInt8]) throws(FileError) {
        let file = try creating(path)
        try file.write(content)
        try file.synchronize()
    }

    /// Reads what is there, at most the buffer; 0 at the end.
    borrowing func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw FileError(path) }
        }
    }

    package borrowing func write(_ bytes: [UInt8]) throws(FileError) {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress?.advanced(by: start), $0.count - start) }
            if count >= 0 {
                start += count
            } else if errno != EINTR {
                throw FileError(path)
            }
        }
    }

    /// Whether the file belongs to this process's user, and nobody else may read or write it.
    package borrowing func isPrivate() throws(FileError) -> Bool {
        let status = try status()
        return status.st_uid == geteuid() && status.st_mode & 0o077 == 0
    }

    private borrowing func status() throws(FileError) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError(path) }
        return status
    }

    /// Waits until the content is on the disk.
    package borrowing func synchronize() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError(path) }
    }
}
