import APIContract
import Crypto
import Primitives

/// One document to sign: its name, what it is, its hash, and the file that the signature goes to.
struct SignItem {
    let name: String
    let mediaType: String
    /// SHA-256 in hexadecimal.
    let hash: String
    /// Without the ending of the format; `nil` for a signature that is only shown.
    let target: String?

    var json: JSON {
        ["name": .string(name), "media_type": .string(mediaType), "hash": ["algorithm": "sha256", "value": .string(hash)]]
    }

    /// A file, hashed here: its content does not leave it.
    init(file: String, mediaType: String?, folder: String?, isWritten: Bool) throws(FileError) {
        let name = file.split(separator: "/").last.map(String.init) ?? file
        self.name = name
        self.mediaType = mediaType ?? Self.mediaType(of: name)
        hash = Hex.encode(try Self.hash(file))
        target = isWritten ? folder.map { "\($0)/\(name)" } ?? file : nil
    }

    /// A hash that was computed elsewhere.
    init(hash: String, mediaType: String?, folder: String?) {
        name = "sha256:\(hash.prefix(16))"
        self.mediaType = mediaType ?? API.secretType
        self.hash = hash
        target = folder.map { "\($0)/\(hash.prefix(16))" }
    }

    private static func hash(_ path: String) throws(FileError) -> [UInt8] {
        let file = try PlainFile.reading(path)
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
        defer { room.deallocate() }
        var digest = SHA256()
        while true {
            let count = try file.read(into: room)
            guard count > 0 else { return Array(digest.finalize()) }
            digest.update(bufferPointer: UnsafeRawBufferPointer(rebasing: room[..<count]))
        }
    }

    /// By the ending of its name, for the few kinds that are signed most.
    private static func mediaType(of name: String) -> String {
        switch name.split(separator: ".").last?.lowercased() {
        case "pdf": "application/pdf"
        case "xml": "application/xml"
        case "json": "application/json"
        case "txt": "text/plain"
        default: API.secretType
        }
    }
}
