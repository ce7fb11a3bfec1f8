package import KeyFiles
internal import Primitives

/// Where the key of refresh tokens is kept.
package protocol RefreshKeyStorage: Sendable {
    /// `nil` where none was kept.
    func load() throws(RefreshKey.Problem) -> [UInt8]?
    func save(_ key: [UInt8]) throws(RefreshKey.Problem)
}

/// A file of mode 0600: one line of hexadecimal digits.
package struct RefreshKeyFile: RefreshKeyStorage {
    private let path: String
    private let files: KeyFiles

    package init(_ path: String, files: KeyFiles = KeyFiles()) {
        self.path = path
        self.files = files
    }

    package func load() throws(RefreshKey.Problem) -> [UInt8]? {
        guard PlainFile.exists(path) else { return nil }
        var content: [UInt8]
        do throws(KeyFileError) { content = try files.contents(path) } catch { throw .file(error) }
        defer { wipe(&content) }
        guard content.last == UInt8(ascii: "\n"), let key = Hex.decode(String(decoding: content.dropLast(), as: UTF8.self)),
            key.count == RefreshKey.length
        else { throw .damaged(path: path) }
        return key
    }

    package func save(_ key: [UInt8]) throws(RefreshKey.Problem) {
        var content = Array(Hex.encode(key).utf8) + [UInt8(ascii: "\n")]
        defer { wipe(&content) }
        do throws(KeyFileError) { try files.replace(path, content) } catch { throw .file(error) }
    }
}
