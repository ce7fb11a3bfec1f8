internal import Crypto
internal import Glibc
internal import Primitives
internal import Synchronization

/// The file that a process runs, held open: what is read is that file, whatever becomes of its name.
struct Executable: Sendable {
    /// A file at one moment; its change time cannot be set by a program.
    struct Identity: Hashable, Sendable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let modified: Int64
        let changed: Int64

        init(_ status: stat) {
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
            size = Int64(status.st_size)
            modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
            changed = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
        }
    }

    let descriptor: Int32
    let identity: Identity
    /// Its name, where the same file has that name here too: not so in another root, or when it was removed or replaced.
    let path: String?

    /// - Parameter folder: the process under `/proc`.
    init?(_ folder: String) {
        descriptor = open("\(folder)/exe", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            Glibc.close(descriptor)
            return nil
        }
        identity = Identity(status)
        path = Self.name(folder, identity)
    }

    func close() { Glibc.close(descriptor) }

    /// What a process runs now.
    static func identity(_ folder: String) -> Identity? {
        var status = stat()
        return stat("\(folder)/exe", &status) == 0 ? Identity(status) : nil
    }

    private static func name(_ folder: String, _ identity: Identity) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("\(folder)/exe", &buffer, buffer.count)
        guard count > 0, count < buffer.count,
            let name = String(validating: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        else { return nil }
        var status = stat()
        guard lstat(name, &status) == 0, Identity(status) == identity else { return nil }
        return name
    }
}

/// SHA-256 of executables, remembered for each file as it is.
final class ExecutableDigests: Sendable {
    /// Larger programs have no digest: reading them would hold others up.
    static let sizeLimit: Int64 = 134_217_728
    private static let kept = 256

    private let known = Mutex<[Executable.Identity: String]>([:])

    func digest(of executable: Executable) -> String? {
        if let digest = known.withLock({ $0[executable.identity] }) { return digest }
        guard executable.identity.size <= Self.sizeLimit, let digest = Self.read(executable) else { return nil }
        known.withLock { known in
            if known.count >= Self.kept { known.removeAll() }
            known[executable.identity] = digest
        }
        return digest
    }

    private static func read(_ executable: Executable) -> String? {
        var hash = SHA256()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var offset: Int64 = 0
        while offset <= executable.identity.size {
            let count = pread(executable.descriptor, &buffer, buffer.count, off_t(offset))
            guard count >= 0 else { return nil }
            guard count > 0 else { break }
            buffer.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            offset += Int64(count)
        }
        // Changed while it was read: of no file that there was.
        var status = stat()
        guard fstat(executable.descriptor, &status) == 0, Executable.Identity(status) == executable.identity else { return nil }
        return Hex.encode(hash.finalize())
    }
}
