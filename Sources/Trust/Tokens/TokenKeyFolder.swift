internal import Glibc
internal import Primitives

/// Keeps signing keys as PEM files of mode 0600 in a folder of mode 0700, named `MILLISECONDS-KID.pem` by creation time.
package struct TokenKeyFolder: TokenKeyStorage {
    private let folder: String

    private static let sizeLimit = 4096
    private static let countLimit = 64

    /// `folder` is made by the first save when it is not there; its parent must be.
    package init(_ folder: String) { self.folder = folder }

    package func load() throws(TokenKeyError) -> [StoredTokenKey] {
        guard let directory = opendir(folder) else {
            if errno == ENOENT { return [] }
            throw failure(folder)
        }
        defer { closedir(directory) }
        try checkPrivate(dirfd(directory), folder)
        var keys: [StoredTokenKey] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            guard !name.hasPrefix("."), name.hasSuffix(".pem") else { continue }
            let parts = name.dropLast(4).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let time = Int64(parts[0]), keys.count < Self.countLimit else { throw .corrupt(kid: name) }
            keys.append(StoredTokenKey(kid: String(parts[1]), createdAt: Timestamp(milliseconds: time), pem: try read("\(folder)/\(name)")))
        }
        return keys
    }

    package func save(_ key: StoredTokenKey) throws(TokenKeyError) {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw failure(folder) }
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw failure(folder) }
        defer { close(directory) }
        try checkPrivate(directory, folder)
        let path = path(of: key)
        let temporary = "\(folder)/.new-\(key.kid)"
        guard unlink(temporary) == 0 || errno == ENOENT else { throw failure(temporary) }
        try write(Array(key.pem.utf8), to: temporary)
        guard rename(temporary, path) == 0, fsync(directory) == 0 else { throw failure(path) }
    }

    package func remove(_ key: StoredTokenKey) throws(TokenKeyError) {
        let path = path(of: key)
        guard unlink(path) == 0 || errno == ENOENT else { throw failure(path) }
    }

    private func path(of key: StoredTokenKey) -> String { "\(folder)/\(key.createdAt.milliseconds)-\(key.kid).pem" }

    private func write(_ bytes: [UInt8], to path: String) throws(TokenKeyError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(path) }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0 else { throw failure(path) }
    }

    private func read(_ path: String) throws(TokenKeyError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        try checkPrivate(descriptor, path)
        var bytes = [UInt8](repeating: 0, count: Self.sizeLimit)
        let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw failure(path) }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    private func checkPrivate(_ descriptor: Int32, _ path: String) throws(TokenKeyError) {
        guard let identity = FileIdentity(descriptor: descriptor) else { throw failure(path) }
        guard identity.isPrivate else { throw .exposed(path: path) }
    }

    private func failure(_ path: String) -> TokenKeyError { .storage(path: path, reason: String(cString: strerror(errno))) }
}
