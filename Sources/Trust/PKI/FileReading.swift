internal import Glibc
internal import Primitives

/// Reading of the trust folder: bounded, never following a device or a pipe.
package enum FileReading {
    package static func isFolder(_ path: String) -> Bool { FileIdentity(path: path)?.isFolder ?? false }

    /// Names that are not hidden, sorted.
    package static func names(in folder: String) throws(TrustStoreError) -> [String] {
        do throws(FileError) {
            return try FolderNames.all(in: folder)
        } catch {
            throw TrustStoreError(.unreadable(error.reason), file: folder)
        }
    }

    static func bytes(of path: String, limit: Int) throws(TrustStoreError) -> [UInt8] {
        do throws(FileError) {
            return try PlainFile.contents(path, limit: limit)
        } catch {
            throw TrustStoreError(error.number == EFBIG ? .tooLarge(limit: limit) : .unreadable(error.reason), file: path)
        }
    }
}
