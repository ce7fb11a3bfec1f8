internal import Glibc
package import KeyFiles
package import Primitives

/// The secret of this machine that goes into every password hash. It lies in a file outside the database: whoever has the database alone
/// cannot even begin to guess. Without it no password fits any more; new ones have to be set.
package final class Pepper: Sendable {
    /// Says which pepper this is, without saying anything of it.
    package let id: [UInt8]
    let key: Secret

    static let idLength = 8
    static let keyLength = 32
    private static let form = "cps-agent-pepper-1"

    /// Why the file cannot be used.
    package enum Problem: Error, Hashable, Sendable {
        case file(KeyFileError)
        /// Not what was written there: no password would fit.
        case damaged(path: String)
    }

    init(id: [UInt8], key: consuming Secret) {
        self.id = id
        self.key = key
    }

    /// A new one, that is kept nowhere.
    package convenience init(random: any RandomSource) {
        var bytes = random.bytes(Self.keyLength)
        defer { wipe(&bytes) }
        self.init(id: random.bytes(Self.idLength), key: Secret(count: Self.keyLength) { $0.copyBytes(from: bytes) })
    }

    /// The one of a file; made, with its folder, where there is none.
    ///
    /// - Returns: whether it was made now: hashes that were stored before will not fit.
    package static func open(
        _ path: String, files: KeyFiles = KeyFiles(), random: any RandomSource
    ) throws(Problem) -> (pepper: Pepper, isNew: Bool) {
        guard PlainFile.exists(path) else {
            let pepper = Pepper(random: random)
            do throws(KeyFileError) { try pepper.write(path, files) } catch { throw .file(error) }
            return (pepper, true)
        }
        var content: [UInt8]
        do throws(KeyFileError) { content = try files.contents(path) } catch { throw .file(error) }
        defer { wipe(&content) }
        guard let pepper = Pepper(content) else { throw .damaged(path: path) }
        return (pepper, false)
    }

    private func write(_ path: String, _ files: KeyFiles) throws(KeyFileError) {
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            let folder = String(path[..<slash])
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw .file(FileError(folder)) }
        }
        var content = Array("\(Self.form) \(Hex.encode(id)) ".utf8)
        content.reserveCapacity(content.count + 2 * key.count + 1)
        key.withBytes { bytes in for byte in bytes { content += Self.digits(byte) } }
        content.append(UInt8(ascii: "\n"))
        defer { wipe(&content) }
        try files.replace(path, content)
    }

    private static func digits(_ byte: UInt8) -> [UInt8] {
        [byte >> 4, byte & 15].map { $0 < 10 ? UInt8(ascii: "0") + $0 : UInt8(ascii: "a") + $0 - 10 }
    }

    private convenience init?(_ content: [UInt8]) {
        let parts = content.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 3, Array(parts[0]) == Array(Self.form.utf8), parts[2].count == 2 * Self.keyLength + 1,
            parts[2].last == UInt8(ascii: "\n"), let id = Hex.decode(String(decoding: parts[1], as: UTF8.self)), id.count == Self.idLength
        else { return nil }
        var nibbles = parts[2].dropLast().compactMap(Self.nibble)
        defer { wipe(&nibbles) }
        guard nibbles.count == 2 * Self.keyLength else { return nil }
        self.init(
            id: id,
            key: Secret(count: Self.keyLength) { bytes in
                for index in bytes.indices { bytes[index] = nibbles[2 * index] << 4 | nibbles[2 * index + 1] }
            })
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
