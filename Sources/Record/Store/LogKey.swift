package import Audit
import Glibc
package import Primitives

/// The private key of the log, kept in a file for the agent alone: 32 bytes (RFC 8032 §5.1.5) in base64, one line.
package enum LogKey {
    /// Reads the key, or makes one if the file is not there.
    ///
    /// - Parameter origin: the name of the log, which the key is known by.
    /// - Throws: ``StoreError/badKey(path:)`` when others may read the file or it holds no key; it is never replaced.
    package static func load(path: String, origin: String, random: any RandomSource) throws(StoreError) -> NoteSigner {
        var seed: [UInt8]
        do throws(FileError) {
            seed = try read(path)
        } catch {
            guard error.number == ENOENT else { throw .file(error) }
            seed = random.bytes(32)
            do throws(FileError) { try write(seed, path) } catch { throw .file(error) }
        }
        defer { wipe(&seed) }
        do throws(NoteError) {
            return try NoteSigner(name: origin, seed: seed)
        } catch {
            throw .badKey(path: path)
        }
    }

    /// Makes a key and keeps it there, whatever was there before.
    static func make(path: String, origin: String, random: any RandomSource) throws(StoreError) -> NoteSigner {
        var seed = random.bytes(32)
        defer { wipe(&seed) }
        do throws(FileError) { try write(seed, path) } catch { throw .file(error) }
        do throws(NoteError) { return try NoteSigner(name: origin, seed: seed) } catch { throw .badKey(path: path) }
    }

    /// Empty when others may read the file or it holds no base64; no key is that short.
    private static func read(_ path: String) throws(FileError) -> [UInt8] {
        let file = try PlainFile.reading(path)
        guard try file.isPrivate() else { return [] }
        var text = try file.contents(limit: 1024)
        defer { wipe(&text) }
        if text.last == UInt8(ascii: "\n") { text.removeLast() }
        return StandardBase64.decode(String(decoding: text, as: UTF8.self)) ?? []
    }

    private static func write(_ seed: [UInt8], _ path: String) throws(FileError) {
        try PlainFile.replace(path, Array("\(StandardBase64.encode(seed))\n".utf8))
    }
}
