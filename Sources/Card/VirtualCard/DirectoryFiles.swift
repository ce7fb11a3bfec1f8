import SmartCard

/// Spreads the entries of directory files over files, as a layout wants them written.
struct DirectoryFiles {
    let layout: CardLayout
    /// What the ODF says.
    private(set) var places: [(tag: UInt32, file: UInt16)] = []
    private(set) var files: [CardFile] = []

    init(_ layout: CardLayout) { self.layout = layout }

    /// One kind of object: in one file, or its first entry in one and the others in another.
    mutating func add(_ tag: UInt32, _ file: UInt16, _ entries: [[UInt8]]) {
        let ordered = layout.reversesObjects ? entries.reversed() : entries
        guard layout.splitsDirectories, let first = ordered.first, ordered.count > 1 else { return put(tag, file, ordered) }
        put(tag, file, [first])
        put(tag, file | 0x0080, Array(ordered.dropFirst()))
    }

    private mutating func put(_ tag: UInt32, _ file: UInt16, _ entries: [[UInt8]]) {
        places.append((tag, file))
        files.append(CardFile(file, content(entries)))
    }

    /// Entries one after the other, and what follows the last one.
    func content(_ entries: [[UInt8]]) -> [UInt8] {
        entries.flatMap { layout.hasLongLengths ? Self.longLength($0) : $0 } + layout.trailer
    }

    /// The same data object with its length in two bytes more than it needs: BER, not DER.
    private static func longLength(_ entry: [UInt8]) -> [UInt8] {
        guard let object = (try? TLV.parse(entry))?.first, let tag = entry.first else { return entry }
        return [tag, 0x82] + bytes(UInt16(truncatingIfNeeded: object.value.count)) + object.value
    }
}
