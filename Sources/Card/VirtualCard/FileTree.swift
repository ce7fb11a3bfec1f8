/// An elementary file of the card.
struct CardFile: Hashable, Sendable {
    enum Access: Hashable, Sendable {
        case free
        case pin
        /// Through secure messaging with the card issuer's keys, which the virtual card does not have.
        case secured
        case never
    }

    let identifier: UInt16
    let shortIdentifier: UInt8?
    var content: [UInt8]
    let read: Access
    let update: Access

    init(_ identifier: UInt16, short: UInt8? = nil, _ content: [UInt8], read: Access = .free, update: Access = .never) {
        self.identifier = identifier
        self.shortIdentifier = short
        self.content = content
        self.read = read
        self.update = update
    }
}

/// A directory: the master file or an application below it.
struct CardDirectory: Hashable, Sendable {
    let identifier: UInt16
    /// The name by which SELECT finds it.
    let name: [UInt8]
    var files: [CardFile]
}

/// Where the card stands: a directory and perhaps a file in it.
struct Location: Hashable, Sendable {
    var directory: UInt16
    var file: UInt16?

    static let master = Location(directory: FileTree.master, file: nil)
}

/// The files of a card: two levels, as CPS cards have.
struct FileTree: Hashable, Sendable {
    static let master: UInt16 = 0x3F00

    var directories: [CardDirectory]

    func directory(_ identifier: UInt16) -> CardDirectory? { directories.first { $0.identifier == identifier } }

    func directory(named name: [UInt8]) -> CardDirectory? { directories.first { $0.name == name } }

    func file(at location: Location) -> CardFile? {
        directory(location.directory)?.files.first { $0.identifier == location.file }
    }

    /// Follows two-byte identifiers from a directory; `nil` when one is missing or the bytes are no identifiers.
    func location(of path: [UInt8], from start: UInt16) -> Location? {
        guard !path.isEmpty, path.count % 2 == 0 else { return nil }
        var location = Location(directory: start, file: nil)
        for index in stride(from: 0, to: path.count, by: 2) {
            let identifier = UInt16(path[index]) << 8 | UInt16(path[index + 1])
            guard location.file == nil else { return nil }
            if identifier == Self.master, index == 0 {
                location = .master
            } else if location.directory == Self.master, directory(identifier) != nil {
                location.directory = identifier
            } else {
                location.file = identifier
                guard file(at: location) != nil else { return nil }
            }
        }
        return location
    }

    /// The file with this short identifier in a directory.
    func location(short: UInt8, in identifier: UInt16) -> Location? {
        directory(identifier)?.files.first { $0.shortIdentifier == short }.map {
            Location(directory: identifier, file: $0.identifier)
        }
    }

    /// Puts EF_ACTUA into the master file, or takes it out.
    mutating func setLastUpdate(_ content: [UInt8]?) {
        for (index, directory) in directories.enumerated() where directory.identifier == Self.master {
            directories[index].files.removeAll { $0.identifier == FileIdentifier.lastUpdate }
            if let content { directories[index].files.append(CardFile(FileIdentifier.lastUpdate, content, update: .secured)) }
        }
    }

    mutating func replace(_ content: [UInt8], at location: Location) {
        for (index, directory) in directories.enumerated() where directory.identifier == location.directory {
            for (position, file) in directory.files.enumerated() where file.identifier == location.file {
                directories[index].files[position].content = content
            }
        }
    }
}
