import Glibc
internal import Primitives

/// The file of the reserve: its blocks are written once when it is made, so that using them later takes no space.
final class ReserveFile: Sendable {
    let path: String
    let size: Int
    private let descriptor: Int32

    /// Opens the file, and makes it `size` bytes long. What it holds stays; a smaller size takes effect once it holds nothing.
    ///
    /// - Throws: also EEXIST when it is not a regular file of the agent's own, EWOULDBLOCK when another agent has it.
    init(path: String, size: Int) throws(FileError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { throw FileError(path) }
        do throws(FileError) {
            self.size = try Self.prepare(descriptor, path, size)
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { _ = close(descriptor) }

    func release() { _ = flock(descriptor, LOCK_UN) }

    private static func prepare(_ descriptor: Int32, _ path: String, _ size: Int) throws(FileError) -> Int {
        guard let identity = FileIdentity(descriptor: descriptor) else { throw FileError(path) }
        guard identity.isRegular, identity.isPrivate else { throw FileError(path, EEXIST) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw FileError(path) }
        guard identity.size < Int64(size) else { return Int(identity.size) }
        let failure = posix_fallocate(descriptor, 0, off_t(size))
        guard failure == 0 else {
            // Half of a reserve would only keep others from the space.
            if identity.size == 0 { ftruncate(descriptor, 0) }
            throw FileError(path, failure)
        }
        // Blocks that were only promised may still cost space of the file system's own when they are first written.
        try write([UInt8](repeating: 0, count: size - Int(identity.size)), at: Int(identity.size), descriptor, path)
        return size
    }

    /// The whole content.
    func contents() throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: size)
        var start = 0
        while start < size {
            let count = bytes.withUnsafeMutableBytes { buffer in
                pread(descriptor, buffer.baseAddress?.advanced(by: start), size - start, off_t(start))
            }
            if count == 0 { return bytes }
            if count > 0 { start += count } else if errno != EINTR { throw FileError(path) }
        }
        return bytes
    }

    /// Returns when the bytes are on the disk.
    func write(_ bytes: [UInt8], at offset: Int) throws(FileError) { try Self.write(bytes, at: offset, descriptor, path) }

    private static func write(_ bytes: [UInt8], at offset: Int, _ descriptor: Int32, _ path: String) throws(FileError) {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(descriptor, buffer.baseAddress?.advanced(by: start), bytes.count - start, off_t(offset + start))
            }
            if count >= 0 { start += count } else if errno != EINTR { throw FileError(path) }
        }
        guard fdatasync(descriptor) == 0 else { throw FileError(path) }
    }
}
