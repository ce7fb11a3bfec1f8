import Glibc
internal import Primitives

/// Writes an export folder; the manifest comes last, so a folder without one is not complete.
package struct BundleWriter: ~Copyable {
    private static let block = 65_536

    private let folder: String
    private let entries: PlainFile
    private var buffer: [UInt8] = []

    /// Makes `folder`, for its owner alone; one that is there has to be empty.
    package init(folder: String) throws(BundleError) {
        self.folder = folder
        if mkdir(folder, 0o700) != 0 {
            let error = FileError(folder)
            guard error.number == EEXIST else { throw .file(error) }
            guard try Self.isEmpty(folder) else { throw .folderNotEmpty }
        }
        entries = try Self.io { () throws(FileError) in try PlainFile.creating("\(folder)/\(BundleFile.entries)") }
    }

    /// Writes the exact bytes of the next leaf.
    package mutating func append(leaf: [UInt8]) throws(BundleError) {
        buffer += leaf
        buffer.append(0x0A)
        if buffer.count >= Self.block { try flush() }
    }

    /// Writes what proves the leaves, and waits until all is on the disk.
    ///
    /// - Parameters:
    ///   - note: the signed checkpoint of the tree that the manifest names.
    ///   - vkey: the text form of the key that signed it.
    ///   - stamps: of earlier checkpoints of the same log, or of this one.
    package consuming func finish(
        manifest: BundleManifest, note: String, vkey: String, stamps: [BundleStamp] = []
    ) throws(BundleError) {
        try flush()
        let folder = self.folder
        try Self.io { [entries = consume entries] () throws(FileError) in try entries.synchronize() }
        try Self.io { () throws(FileError) in
            try PlainFile.create("\(folder)/\(BundleFile.checkpoint)", Array(note.utf8))
            try PlainFile.create("\(folder)/\(BundleFile.key)", Array("\(vkey)\n".utf8))
            if !stamps.isEmpty {
                let place = "\(folder)/\(BundleFile.timestamps)"
                guard mkdir(place, 0o700) == 0 else { throw FileError(place) }
                for stamp in stamps {
                    try PlainFile.create("\(place)/\(stamp.size).tsr", stamp.response)
                    try PlainFile.create("\(place)/\(stamp.size).checkpoint", Array(stamp.note.utf8))
                }
            }
            try PlainFile.create("\(folder)/\(BundleFile.manifest)", manifest.bytes)
        }
    }

    private mutating func flush() throws(BundleError) {
        do { try entries.write(buffer) } catch { throw .file(error) }
        buffer.removeAll(keepingCapacity: true)
    }

    private static func isEmpty(_ folder: String) throws(BundleError) -> Bool {
        guard let listing = opendir(folder) else { throw .file(FileError(folder)) }
        defer { closedir(listing) }
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != ".", name != ".." { return false }
        }
        return true
    }

    private static func io<Result: ~Copyable>(_ body: () throws(FileError) -> Result) throws(BundleError) -> Result {
        do { return try body() } catch { throw .file(error) }
    }
}
