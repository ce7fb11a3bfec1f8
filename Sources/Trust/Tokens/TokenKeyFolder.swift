internal import Glibc
package import KeyFiles
internal import Primitives

/// Keeps signing keys as PEM files of mode 0600 in a folder of mode 0700, named `MILLISECONDS-KID.pem` by creation time.
package struct TokenKeyFolder: TokenKeyStorage {
    private let folder: String
    private let files: KeyFiles

    private static let countLimit = 64

    /// `folder` is made by the first save when it is not there; its parent must be.
    package init(_ folder: String, files: KeyFiles = KeyFiles()) {
        self.folder = folder
        self.files = files
    }

    package func load() throws(TokenKeyError) -> [StoredTokenKey] {
        guard PlainFile.exists(folder) else { return [] }
        try checkPrivate()
        let names: [String]
        do throws(FileError) { names = try FolderNames.all(in: folder) } catch { throw .file(.file(error)) }
        var keys: [StoredTokenKey] = []
        for name in names where name.hasSuffix(".pem") {
            let parts = name.dropLast(4).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let time = Int64(parts[0]), keys.count < Self.countLimit else { throw .corrupt(kid: name) }
            keys.append(StoredTokenKey(kid: String(parts[1]), createdAt: Timestamp(milliseconds: time), pem: try read("\(folder)/\(name)")))
        }
        return keys
    }

    package func save(_ key: StoredTokenKey) throws(TokenKeyError) {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw .file(.file(FileError(folder))) }
        try checkPrivate()
        var pem = Array(key.pem.utf8)
        defer { wipe(&pem) }
        do throws(KeyFileError) { try files.replace(path(of: key), pem) } catch { throw .file(error) }
    }

    package func remove(_ key: StoredTokenKey) throws(TokenKeyError) {
        let path = path(of: key)
        guard unlink(path) == 0 || errno == ENOENT else { throw .file(.file(FileError(path))) }
    }

    private func path(of key: StoredTokenKey) -> String { "\(folder)/\(key.createdAt.milliseconds)-\(key.kid).pem" }

    private func read(_ path: String) throws(TokenKeyError) -> String {
        do throws(KeyFileError) {
            var pem = try files.contents(path)
            defer { wipe(&pem) }
            return String(decoding: pem, as: UTF8.self)
        } catch {
            throw .file(error)
        }
    }

    private func checkPrivate() throws(TokenKeyError) {
        let isPrivate: Bool
        do throws(FileError) {
            isPrivate = try PlainFile.reading(folder, followsLinks: false).isPrivate()
        } catch {
            throw .file(.file(error))
        }
        guard isPrivate else { throw .file(.exposed(path: folder)) }
    }
}
