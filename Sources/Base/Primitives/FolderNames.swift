import Glibc

/// What is in a folder.
package enum FolderNames {
    /// The names that are not hidden, sorted, so that the same folder always gives the same answer. One with more than `limit` entries is
    /// an error (EFBIG).
    package static func all(in folder: String, limit: Int = 100_000) throws(FileError) -> [String] {
        guard let directory = opendir(folder) else { throw FileError(folder) }
        defer { closedir(directory) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else {
                guard errno == 0 else { throw FileError(folder) }
                return names.sorted()
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            guard !name.hasPrefix(".") else { continue }
            guard names.count < limit else { throw FileError(folder, EFBIG) }
            names.append(name)
        }
    }
}
