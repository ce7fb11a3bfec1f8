internal import Primitives

/// Reads and writes the files that hold keys: for the agent's user alone, and sealed where there is a seal.
package struct KeyFiles: Sendable {
    private let seal: KeySeal?

    private static let limit = 8192
    private static let countLimit = 256

    package init(seal: KeySeal? = nil) { self.seal = seal }

    /// What a file holds; whoever asks wipes it. One that is not sealed is taken as it is, whether there is a seal or not.
    ///
    /// - Throws: ``KeyFileError``; `file` with `ENOENT` where there is none, and for symbolic links and long files too.
    package func contents(_ path: String) throws(KeyFileError) -> [UInt8] {
        let found = try written(path)
        guard found.starts(with: KeySeal.form) else { return found }
        guard let seal else { throw .sealed(path: path) }
        guard let content = seal.open(found) else { throw .unopenable(path: path) }
        return content
    }

    /// The file as it is, sealed or not.
    private func written(_ path: String) throws(KeyFileError) -> [UInt8] {
        var (isPrivate, found): (Bool, [UInt8])
        do throws(FileError) {
            let file = try PlainFile.reading(path, followsLinks: false)
            isPrivate = try file.isPrivate(orFrom: PlainFile.credentials)
            found = try file.contents(limit: Self.limit)
        } catch {
            throw .file(error)
        }
        guard isPrivate else {
            wipe(&found)
            throw .exposed(path: path)
        }
        return found
    }

    /// Replaces a file as a whole, for the agent's user alone: after a crash there is the old content or the new one.
    package func replace(_ path: String, _ content: [UInt8]) throws(KeyFileError) {
        var written = content
        defer { wipe(&written) }
        if let seal {
            guard let sealed = seal.close(content) else { throw .unopenable(path: path) }
            written = sealed
        }
        do throws(FileError) { try PlainFile.replace(path, written) } catch { throw .file(error) }
    }

    /// Seals the keys in a folder that are not sealed yet, and those in the folders in it.
    ///
    /// - Returns: how many were sealed now. Without a seal none is.
    package func sealAll(in folder: String) throws(KeyFileError) -> Int {
        guard seal != nil else { return 0 }
        var count = 0
        let names: [String]
        do throws(FileError) { names = try FolderNames.all(in: folder, limit: Self.countLimit) } catch { throw .file(error) }
        for name in names {
            let path = "\(folder)/\(name)"
            guard let identity = FileIdentity(path: path, followsLinks: false) else { continue }
            if identity.isFolder {
                count += try sealAll(in: path)
            } else if identity.isRegular, Self.holdsKey(name) {
                var content = try written(path)
                defer { wipe(&content) }
                guard !content.starts(with: KeySeal.form) else { continue }
                try replace(path, content)
                count += 1
            }
        }
        return count
    }

    /// By the names that the agent gives: `log.key` and the next one, `mobile.key`, `pepper`, the tokens' `*.pem`.
    private static func holdsKey(_ name: String) -> Bool {
        name == "pepper" || [".key", ".key.next", ".pem"].contains { name.hasSuffix($0) }
    }
}
