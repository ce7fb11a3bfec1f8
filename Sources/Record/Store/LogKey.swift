package import Audit
import Glibc
package import KeyFiles
package import Primitives

/// The private key of the log, kept in a file for the agent alone: 32 bytes (RFC 8032 §5.1.5) in base64, one line.
package struct LogKey {
    private let files: KeyFiles
    private let random: any RandomSource

    package init(files: KeyFiles = KeyFiles(), random: any RandomSource) {
        self.files = files
        self.random = random
    }

    /// Reads the key, or makes one if the file is not there.
    ///
    /// - Parameter origin: the name of the log, which the key is known by.
    /// - Throws: ``StoreError/badKey(path:)`` when the file holds no key, ``StoreError/keyFile(_:)`` when it cannot be used; it is never
    ///   replaced.
    package func load(path: String, origin: String) throws(StoreError) -> NoteSigner {
        var seed: [UInt8]
        do throws(KeyFileError) {
            seed = try read(path)
        } catch {
            guard case .file(let file) = error, file.number == ENOENT else { throw .keyFile(error) }
            return try make(path: path, origin: origin)
        }
        defer { wipe(&seed) }
        return try Self.signer(seed, path, origin)
    }

    /// Makes a key and keeps it there, whatever was there before.
    func make(path: String, origin: String) throws(StoreError) -> NoteSigner {
        var seed = random.bytes(32)
        defer { wipe(&seed) }
        do throws(KeyFileError) {
            try files.replace(path, Array("\(StandardBase64.encode(seed))\n".utf8))
        } catch {
            throw .keyFile(error)
        }
        return try Self.signer(seed, path, origin)
    }

    private static func signer(_ seed: [UInt8], _ path: String, _ origin: String) throws(StoreError) -> NoteSigner {
        do throws(NoteError) { return try NoteSigner(name: origin, seed: seed) } catch { throw .badKey(path: path) }
    }

    /// Empty when the file holds no base64; no key is that short.
    private func read(_ path: String) throws(KeyFileError) -> [UInt8] {
        var text = try files.contents(path)
        defer { wipe(&text) }
        if text.last == UInt8(ascii: "\n") { text.removeLast() }
        return StandardBase64.decode(String(decoding: text, as: UTF8.self)) ?? []
    }
}
