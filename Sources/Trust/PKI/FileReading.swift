internal import Glibc
internal import Primitives

/// Reading of the trust folder: bounded, never following a device or a pipe.
package enum FileReading {
    package static func isFolder(_ path: String) -> Bool { FileIdentity(path: path)?.isFolder ?? false }

    /// Names that are not hidden, sorted, so that the same folder always gives the same error.
    package static func names(in folder: String) throws(TrustStoreError) -> [String] {
        guard let directory = opendir(folder) else { throw failure(folder) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    static func bytes(of path: String, limit: Int) throws(TrustStoreError) -> [UInt8] {
        do throws(FileError) {
            return try PlainFile.contents(path, limit: limit)
        } catch {
            throw TrustStoreError(error.number == EFBIG ? .tooLarge(limit: limit) : .unreadable(error.reason), file: path)
        }
    }

    private static func failure(_ path: String) -> TrustStoreError {
        TrustStoreError(.unreadable(String(cString: strerror(errno))), file: path)
    }
}
