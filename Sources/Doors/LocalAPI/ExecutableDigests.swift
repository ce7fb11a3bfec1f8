internal import Crypto
internal import Glibc
internal import Primitives
internal import Synchronization

/// The file that a process runs, held open: what is read is that file, whatever becomes of its name.
struct Executable: Sendable {
    let descriptor: Int32
    let identity: FileIdentity
    /// Its name, where the same file has that name here too: not so in another root, or when it was removed or replaced.
    let path: String?

    /// - Parameter folder: the process under `/proc`.
    init?(_ folder: String) {
        descriptor = open("\(folder)/exe", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        guard let identity = FileIdentity(descriptor: descriptor), identity.isRegular else {
            Glibc.close(descriptor)
            return nil
        }
        self.identity = identity
        path = Self.name(folder, identity)
    }

    func close() { Glibc.close(descriptor) }

    /// What a process runs now.
    static func identity(_ folder: String) -> FileIdentity? { FileIdentity(path: "\(folder)/exe") }

    private static func name(_ folder: String, _ identity: FileIdentity) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("\(folder)/exe", &buffer, buffer.count)
        guard count > 0, count < buffer.count,
            let name = String(validating: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        else { return nil }
        return FileIdentity(path: name, followsLinks: false) == identity ? name : nil
    }
}

/// SHA-256 of executables, remembered for each file as it is.
final class ExecutableDigests: Sendable {
    /// Larger programs have no digest: reading them would hold others up.
    static let sizeLimit: Int64 = 134_217_728
    private static let kept = 256

    private let known = Mutex<[FileIdentity: String]>([:])

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
        guard FileIdentity(descriptor: executable.descriptor) == executable.identity else { return nil }
        return Hex.encode(hash.finalize())
    }
}
