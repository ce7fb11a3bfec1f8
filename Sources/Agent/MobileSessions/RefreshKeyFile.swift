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

    private static let limit = 256

    package init(_ path: String) { self.path = path }

    package func load() throws(RefreshKey.Problem) -> [UInt8]? {
        guard PlainFile.exists(path) else { return nil }
        var content: [UInt8]
        let isPrivate: Bool
        do throws(FileError) {
            let file = try PlainFile.reading(path, followsLinks: false)
            isPrivate = try file.isPrivate()
            content = try file.contents(limit: Self.limit)
        } catch {
            throw .storage(error)
        }
        guard isPrivate else { throw .exposed(path: path) }
        defer { wipe(&content) }
        guard content.last == UInt8(ascii: "\n"), let key = Hex.decode(String(decoding: content.dropLast(), as: UTF8.self)),
            key.count == RefreshKey.length
        else { throw .damaged(path: path) }
        return key
    }

    package func save(_ key: [UInt8]) throws(RefreshKey.Problem) {
        var content = Array(Hex.encode(key).utf8) + [UInt8(ascii: "\n")]
        defer { wipe(&content) }
        do throws(FileError) { try PlainFile.replace(path, content) } catch { throw .storage(error) }
    }
}
